import pytest

from models.contract import CONTRACT, PROVENANCE, TABLES, Identifies, Kind, Table

RULE_R0_1 = [
    "patient",
    "pathology",
    "disease_event",
    "drug_row",
    "procedure",
    "scan",
    "lesion",
    "response",
    "lab",
    "vital",
    "ecog",
    "ae",
    "death",
    "stage",
    "diagnosis",
    "biomarker",
    "clinical_note_flag",
    "identity_link",
    "adjudication",
    "contact",
]


def test_contract_holds_every_table_of_the_rule_book() -> None:
    """Each logical input table of rule R0.1 has a contract, and there is no other."""
    assert sorted(CONTRACT) == sorted(RULE_R0_1)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_say_what_they_mean(table: Table) -> None:
    """Each column has one sentence of meaning and each number a unit, so that the dictionary can be generated."""
    for column in table.columns:
        assert column.meaning.endswith("."), f"{table.name}.{column.name}"
        if column.kind in (Kind.DECIMAL, Kind.INTEGER):
            assert column.unit, f"{table.name}.{column.name} has no unit"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_each_row_belongs_to_a_patient_who_is_pseudonymised(table: Table) -> None:
    """Each table names whose row it is, by a column that landing replaces."""
    assert table.patient_column.identifies is Identifies.PSEUDONYM


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_codes_have_permitted_values(table: Table) -> None:
    """A code or flag without permitted values could not be checked at landing."""
    for column in table.columns:
        if column.kind in (Kind.CODE, Kind.FLAG):
            assert column.values, f"{table.name}.{column.name}"


def test_provenance_and_content_never_share_a_name() -> None:
    """A column is either content or provenance, never both."""
    provenance = {column.name for column in PROVENANCE} | {"centre_id", "batch_id"}
    for table in TABLES:
        assert not provenance & set(table.column_names), table.name
