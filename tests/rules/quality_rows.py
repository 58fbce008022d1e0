"""Good rows of each contract table, from which the cases of data quality differ in one thing."""

from collections.abc import Mapping

Row = Mapping[str, object]
Rows = dict[str, list[Row]]

INDEX = "2024-01-10"


def drug(name: str, day: str | None, **columns: object) -> Row:
    """A drug given on a day, unless columns say otherwise."""
    return {"raw_name": name, "start_text": day, "source_kind": "ADMIN", "route": "IV", **columns}


def capsules(day: str, **columns: object) -> Row:
    """A pack of anlotinib handed out."""
    pack = {"source_kind": "DISPENSE", "route": "PO", "raw_spec": "12mg", "qty": 14, "units_per_day": 1}
    return drug("anlotinib", day, **{**pack, **columns})


def both_drugs(**others: list[Row]) -> Rows:
    """Anlotinib and camrelizumab together from the index date on, and whatever else is recorded."""
    rows: Rows = {"drug_row": [capsules(INDEX), drug("camrelizumab", INDEX)]}
    for table, more in others.items():
        rows.setdefault(table, []).extend(more)
    return rows


def lesion(tp: str, day: str, **columns: object) -> Row:
    """A measured target in the liver, unless columns say otherwise."""
    plain = {"reader": "INV", "lesion_id": "T1", "organ": "LIVER", "is_node": "N", "role": "TARGET"}
    return {**plain, "tp": tp, "scan_date": day, "status": "MEASURED", "mm": 26, **columns}


def read(day: str, response: str) -> Row:
    """An investigator's assessment."""
    return {"reader": "INV", "response_date": day, "response": response}


def pressure(sbp: int, dbp: int) -> list[Row]:
    """Both values of one reading, from one source row."""
    plain = {"specimen_date": "2024-02-01", "unit": "mmHg", "source_row": 7}
    return [{**plain, "test": "SBP", "value_text": str(sbp)}, {**plain, "test": "DBP", "value_text": str(dbp)}]


def event(**columns: object) -> Row:
    """An adverse event with everything that a good row has."""
    plain = {"raw_term": "rash", "term": "Rash maculo-papular", "ctcae_grade": 2, "ctcae_version": "5.0"}
    return {**plain, "causality_text": "可能有关", "start_text": "2024-03-01", **columns}


def died(day: str | None, source: str = "HOSPITAL", **columns: object) -> Row:
    """A death record."""
    return {"source": source, "date_text": day, **columns}


def report(day: str, morphology: str | None, site: str = "C15.4") -> Row:
    """A pathology report of a malignant primary."""
    return {"path_date": day, "site_icdo": site, "icdo_morphology": morphology, "behaviour": "3"}
