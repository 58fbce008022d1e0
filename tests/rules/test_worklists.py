"""What the data engineer is asked to settle: names and phrases that nothing knows (rule R1)."""

import duckdb
import pytest

from tests.rules import harness


def _gap(text: str | None, patients: int, **others: object) -> dict[str, object]:
    gap: dict[str, object] = {
        "centre_id": "centre_a",
        "batch_id": "july",
        "source": "reports",
        "is_full": True,
        "column_name": "diagnosis",
        "vocabulary": "histology",
        "reason": "UNMATCHED",
        "written": text,
        "n_rows": patients,
        "n_patients": patients,
        "source_file": "reports.csv",
        "source_row": 2,
    }
    return gap | others


def _delivery(batch: str, day: str) -> dict[str, object]:
    return {"centre_id": "centre_a", "delivery_id": day, "batch_id": batch, "extract_date": day, "delivery_seq": 1}


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """Two deliveries, and drug names of which some are in no list."""
    names = {"clear": "紫杉醇", "typing_error": "阿怕替尼", "odd": "卡铂注射剂型甲", "foreign": "zzqx"}
    return harness.run_models(
        "+unresolved_phrases +unresolved_drugs",
        lake={
            "drug_row": [
                {"patient_id": who, "source_kind": "ADMIN", "raw_name": name, "start_text": "2024-01-02"}
                for who, name in names.items()
            ],
            "deliveries": [_delivery("june", "2025-06-05"), _delivery("july", "2025-07-05")],
            "delivery_files": [
                {"centre_id": "centre_a", "batch_id": batch, "source": source, "source_file": f"{source}.csv"}
                for batch in ("june", "july")
                for source in ("reports", "operations", "calls")
            ],
            "phrase_gaps": [
                _gap("solved since", 40, batch_id="june"),
                _gap("nothing open any more", 30, batch_id="june", source="operations"),
                _gap("asked of many", 9),
                _gap("asked of few", 5, reason="UNCERTAIN"),
                _gap("denied of most", 80, reason="NEGATED"),
                _gap(None, 7, reason="SEVERAL", source_row=17),
                _gap("told twice", 6, batch_id="june", is_full=False, source="calls", source_file="calls_june.csv"),
                _gap("told twice", 5, is_full=False, source="calls", source_file="calls_july.csv", source_row=4),
            ],
        },
    )


def _rows(warehouse: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[object, ...]]:
    return warehouse.execute(sql).fetchall()


def test_open_phrases_are_ranked_by_patients(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The worklist begins with what most patients share; what only denies comes last; the text of few is not shown."""
    listed = _rows(
        warehouse,
        "select reason, unknown_text, n_patients from warehouse.quality.unresolved_phrases"
        " where source = 'reports' order by rank_no",
    )
    assert listed == [
        ("UNMATCHED", "asked of many", 9),
        ("SEVERAL", None, 7),
        ("UNCERTAIN", "asked of few", 5),
        ("NEGATED", "denied of most", 80),
    ]


def test_changes_add_up_and_full_deliveries_replace(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Of a source that delivers changes every delivery counts, of full ones the newest alone."""
    listed = _rows(
        warehouse,
        "select unknown_text, n_rows, source_file, source_row from warehouse.quality.unresolved_phrases"
        " where source in ('calls', 'operations') or unknown_text = 'solved since'",
    )
    assert listed == [("told twice", 11, "calls_july.csv", 4)]


def test_an_unknown_drug_name_is_listed_with_the_nearest_drugs(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Candidates are drugs inside the name or few characters away; a name like no other has none."""
    sql = "select raw_name, candidates from warehouse.quality.unresolved_drugs where drug_key = 'UNRESOLVED'"
    listed: dict[object, object] = dict(warehouse.execute(sql).fetchall())
    assert str(listed["卡铂注射剂型甲"]).startswith("carboplatin")
    assert {"apatinib", "afatinib"} & set(str(listed["阿怕替尼"]).split(" | "))
    assert "紫杉醇" not in listed
    assert listed["zzqx"] is None
