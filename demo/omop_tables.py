"""The tables of the OMOP common data model 5.4 that hospital C delivers, with the columns that it fills.

https://ohdsi.github.io/CommonDataModel/cdm54.html
"""

import pyarrow as pa

_WHOLE, _NUMBER, _TEXT, _DAY = pa.int64(), pa.float64(), pa.string(), pa.date32()
TABLES: dict[str, dict[str, pa.DataType]] = {
    "person": {
        "person_id": _WHOLE,
        "gender_concept_id": _WHOLE,
        "year_of_birth": _WHOLE,
        "month_of_birth": _WHOLE,
        "day_of_birth": _WHOLE,
        "birth_datetime": _DAY,
        "person_source_value": _TEXT,
        "gender_source_value": _TEXT,
    },
    "visit_occurrence": {
        "visit_occurrence_id": _WHOLE,
        "person_id": _WHOLE,
        "visit_concept_id": _WHOLE,
        "visit_start_date": _DAY,
        "visit_end_date": _DAY,
        "visit_source_value": _TEXT,
        "discharged_to_concept_id": _WHOLE,
        "discharged_to_source_value": _TEXT,
    },
    "condition_occurrence": {
        "condition_occurrence_id": _WHOLE,
        "person_id": _WHOLE,
        "condition_concept_id": _WHOLE,
        "condition_start_date": _DAY,
        "condition_status_concept_id": _WHOLE,
        "condition_source_value": _TEXT,
        "condition_source_concept_id": _WHOLE,
        "condition_status_source_value": _TEXT,
    },
    "drug_exposure": {
        "drug_exposure_id": _WHOLE,
        "person_id": _WHOLE,
        "drug_concept_id": _WHOLE,
        "drug_exposure_start_date": _DAY,
        "drug_exposure_end_date": _DAY,
        "drug_type_concept_id": _WHOLE,
        "stop_reason": _TEXT,
        "quantity": _NUMBER,
        "days_supply": _WHOLE,
        "sig": _TEXT,
        "route_concept_id": _WHOLE,
        "drug_source_value": _TEXT,
        "route_source_value": _TEXT,
        "dose_unit_source_value": _TEXT,
    },
    "procedure_occurrence": {
        "procedure_occurrence_id": _WHOLE,
        "person_id": _WHOLE,
        "procedure_concept_id": _WHOLE,
        "procedure_date": _DAY,
        "procedure_end_date": _DAY,
        "procedure_source_value": _TEXT,
        "modifier_source_value": _TEXT,
    },
    "measurement": {
        "measurement_id": _WHOLE,
        "person_id": _WHOLE,
        "measurement_concept_id": _WHOLE,
        "measurement_date": _DAY,
        "value_as_number": _NUMBER,
        "unit_concept_id": _WHOLE,
        "range_low": _NUMBER,
        "range_high": _NUMBER,
        "measurement_source_value": _TEXT,
        "unit_source_value": _TEXT,
        "value_source_value": _TEXT,
    },
    "observation": {
        "observation_id": _WHOLE,
        "person_id": _WHOLE,
        "observation_concept_id": _WHOLE,
        "observation_date": _DAY,
        "value_as_number": _NUMBER,
        "value_as_string": _TEXT,
        "observation_source_value": _TEXT,
    },
    "episode": {
        "episode_id": _WHOLE,
        "person_id": _WHOLE,
        "episode_concept_id": _WHOLE,
        "episode_start_date": _DAY,
        "episode_object_concept_id": _WHOLE,
        "episode_type_concept_id": _WHOLE,
        "episode_source_value": _TEXT,
    },
    "death": {
        "person_id": _WHOLE,
        "death_date": _TEXT,
        "death_type_concept_id": _WHOLE,
        "cause_concept_id": _WHOLE,
        "cause_source_value": _TEXT,
    },
    "concept": {
        "concept_id": _WHOLE,
        "concept_name": _TEXT,
        "domain_id": _TEXT,
        "vocabulary_id": _TEXT,
        "concept_class_id": _TEXT,
        "standard_concept": _TEXT,
        "concept_code": _TEXT,
    },
}
"""Table to its columns, in the order of the model."""

_RXNORM = {
    "bevacizumab": 253337,
    "capecitabine": 194000,
    "carboplatin": 40048,
    "cisplatin": 2555,
    "docetaxel": 72962,
    "fluorouracil": 4492,
    "gemcitabine": 12574,
    "irinotecan": 51499,
    "nivolumab": 1597876,
    "oxaliplatin": 32592,
    "paclitaxel": 56946,
    "pembrolizumab": 1547545,
}
"""RxNorm's number of an ingredient; the others of the drug list have none in this warehouse."""

_FIRST_OF_ITS_OWN = 2_000_000_000
"""Concepts that a warehouse makes itself are numbered from here on."""

DRUG_CONCEPTS = {drug: _FIRST_OF_ITS_OWN + code for drug, code in _RXNORM.items()}
"""Drug of the formulary to the concept that stands for it."""


def concepts() -> list[tuple[object, ...]]:
    """Rows of the concept table: the drugs, and concept 0 for all that does not resolve."""
    drugs = [
        (DRUG_CONCEPTS[drug], drug, "Drug", "RxNorm", "Ingredient", "S", str(code)) for drug, code in _RXNORM.items()
    ]
    return [(0, "No matching concept", "Metadata", "None", "Undefined", None, "No matching concept"), *drugs]
