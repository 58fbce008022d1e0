"""The shipped OMOP mapping on a warehouse whose concepts resolve; the demo's hospital C has mostly source values."""

from pathlib import Path

import pytest

from models.config import Settings
from tests.warehouse.hospital import Hospital
from warehouse import CentreReport, LocatedCentre, land, load_centre

TABLES = {
    "person": """
person_id,gender_concept_id,year_of_birth,month_of_birth
1,8507,1958,3
2,8532,1960,
""",
    "visit_occurrence": """
visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,discharged_to_concept_id,discharged_to_source_value
1,1,9201,2024-01-02,2024-01-05,0,
2,1,9202,2024-02-01,2024-02-01,0,
3,2,9201,2024-03-01,2024-03-09,4216643,
""",
    "condition_occurrence": """
condition_occurrence_id,person_id,condition_start_date,condition_status_concept_id,condition_source_value,condition_source_concept_id,condition_status_source_value
1,1,2023-12-20,32902,local 17,501,x
2,1,2023-12-18,0,local 18,502,
3,1,2024-02-01,0,C78.7,0,
4,2,2024-02-01,32908,I10,0,
""",
    "drug_exposure": """
drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_type_concept_id,stop_reason,quantity,sig,route_concept_id,drug_source_value,route_source_value,dose_unit_source_value
1,1,601,2024-01-03,2024-01-03,32818,,120,every 21 days,701,A0417,,mg
2,1,0,2024-01-03,2024-01-03,32825,,14,1 a day,0,anlotinib 12 mg,oral,
3,1,0,2024-01-24,2024-01-24,32825,,-4,1 a day,0,anlotinib 12 mg,oral,
4,1,601,2024-02-03,2024-02-03,32838,,120,,701,A0417,,mg
5,1,601,2023-05-03,2023-07-03,32865,,,,0,A0417,,
""",
    "measurement": """
measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,unit_concept_id,range_low,range_high,measurement_source_value,unit_source_value,value_source_value
1,1,801,2024-01-03,13.5,901,13,17.5,HB,local,
2,1,802,2024-01-03,128,902,,,BP,,
3,1,803,2023-12-20,,0,,,stage,,
4,1,804,2024-03-01,,0,,,answer,,
""",
    "observation": """
observation_id,person_id,observation_concept_id,observation_date,value_as_number,value_as_string,observation_source_value
1,1,805,2024-01-02,1,,performance
2,1,0,2024-02-02,80,,Karnofsky performance status
""",
    "episode": """
episode_id,person_id,episode_concept_id,episode_start_date
1,1,32677,2024-03-01
2,1,32531,2024-01-03
""",
    "death": """
person_id,death_date,death_type_concept_id,cause_concept_id,cause_source_value
2,2024-03-09,32879,0,C15.4
1,2024-06-01,32510,1001,
""",
    "concept": """
concept_id,concept_name,vocabulary_id,concept_code
0,No matching concept,None,0
501,Malignant neoplasm of oesophagus,ICD10,C15.4
502,Squamous cell carcinoma of oesophagus,ICDO3,8070/3-C15.4
601,cisplatin,RxNorm,2555
701,Intravenous,SNOMED,47625008
801,Haemoglobin,LOINC,718-7
802,Systolic blood pressure,LOINC,8480-6
803,AJCC/UICC 8th clinical T3 Category,Cancer Modifier,c-8th_AJCC/UICC-T3
804,RECIST: partial response,Cancer Modifier,RECIST-PR
805,ECOG performance status,LOINC,89247-1
901,gram per decilitre,UCUM,g/dL
902,millimetre mercury,UCUM,mm[Hg]
1001,Carcinoma of oesophagus,SNOMED,1
32902,Primary diagnosis,Condition Status,OMOP4822292
32908,Secondary diagnosis,Condition Status,OMOP4822298
""",
}

CENTRE = """
id = "research_warehouse"
name = "A research warehouse"
mapping = "omop_cdm_5_4"
[deliveries]
path = "deliveries"
"""


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Hospital:
    """A warehouse of two persons, landed."""
    root = tmp_path_factory.mktemp("omop")
    hospital = Hospital(root, {}, [])
    for name, rows in TABLES.items():
        hospital.deliver("2025-07-05", f"{name}.csv", rows.lstrip())
    assert _landed(root, hospital).problems == ()
    return hospital


def _landed(root: Path, hospital: Hospital) -> CentreReport:
    (root / "centre.toml").write_text(CENTRE, encoding="utf-8")
    return land(hospital.home, LocatedCentre(load_centre(root), root, hospital.deliveries), Settings())


@pytest.mark.parametrize(
    ("table", "columns", "rows"),
    [
        ("patient", ("sex", "birth_ym"), [("F", "1960"), ("M", "1958-03")]),
        (
            "contact",
            ("date_text", "kind"),
            [
                ("2024-01-02", "INPATIENT_STAY"),
                ("2024-01-05", "INPATIENT_STAY"),
                ("2024-02-01", "OUTPATIENT_VISIT"),
                ("2024-03-01", "INPATIENT_STAY"),
            ],
        ),
        ("diagnosis", ("code", "kind"), [("C15.4", "PRIMARY"), ("I10", "COMORBIDITY")]),
        ("pathology", ("icdo_morphology", "behaviour", "site_icdo"), [("8070", "3", "C15.4")]),
        (
            "disease_event",
            ("event", "event_date_text", "organ"),
            [("CLIN_PD", "2024-03-01", None), ("DX", "2023-12-20", None), ("M1", "2024-02-01", "LIVER")],
        ),
        (
            "drug_row",
            ("source_kind", "raw_name", "route", "dose::int", "qty::int", "start_text"),
            [
                ("ADMIN", "cisplatin", "IV", 120, None, "2024-01-03"),
                ("DISPENSE", "anlotinib 12 mg", "PO", None, 14, "2024-01-03"),
                ("HISTORY", "cisplatin", None, None, None, "2023-05"),
                ("ORDER", "cisplatin", "IV", None, None, "2024-02-03"),
                ("RETURN", "anlotinib 12 mg", "PO", None, -4, "2024-01-24"),
            ],
        ),
        ("lab", ("test", "value_text", "unit"), [("HGB", "13.5", "g/dL")]),
        ("vital", ("test", "value_text", "unit"), [("SBP", "128", "mmHg")]),
        ("stage", ("system", "t", "n", "m"), [("AJCC8", "T3", None, None)]),
        ("response", ("reader", "response", "response_date"), [("INV", "PR", "2024-03-01")]),
        ("ecog", ("test", "value"), [("ECOG", 1), ("KPS", 80)]),
        (
            "death",
            ("source", "date_text", "cause"),
            [("HOSPITAL", "2024-06-01", "CANCER"), ("REGISTRY", "2024-03-09", "CANCER")],
        ),
    ],
)
def test_concepts_say_what_a_row_is(
    hospital: Hospital, table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]
) -> None:
    """Where a concept resolves it decides, else the source value; treatment episodes are left alone."""
    assert hospital.rows(table, *columns) == rows


def test_only_three_tables_are_needed(tmp_path: Path) -> None:
    """A warehouse of persons, conditions and drugs alone lands, without any concept."""
    hospital = Hospital(tmp_path, {}, [])
    for name in ("person", "condition_occurrence", "drug_exposure"):
        hospital.deliver("2025-07-05", f"{name}.csv", TABLES[name].lstrip())
    assert _landed(tmp_path, hospital).problems == ()
    assert hospital.rows("diagnosis", "code") == []
    assert hospital.rows("disease_event", "organ") == [("LIVER",)]
