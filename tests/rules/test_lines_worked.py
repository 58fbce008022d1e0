"""R2.4 to R2.6: the line state machine over given episodes and events."""

import csv
from datetime import date, timedelta

import duckdb
import pytest

from tests.rules.harness import CENTRE, DBT_PROJECT, example, param_set, run_models

OPENED = date(2023, 1, 1)


def _drugs() -> dict[str, dict[str, str]]:
    with (DBT_PROJECT / "seeds" / "drugs.csv").open(encoding="utf-8") as lines:
        return {row["drug_key"]: row for row in csv.DictReader(lines)}


def _episode(patient: str, drug: str, start: date, last: date, covered: date, **other: object) -> dict[str, object]:
    listed = _drugs().get(drug.split(":")[0], {})
    return {
        "param_set_id": param_set("R2"),
        "centre_id": CENTRE,
        "patient_key": patient,
        "episode_id": f"{patient} {drug} {start}",
        "drug_key": drug,
        "base_ingredient": listed.get("base_ingredient", drug),
        "sub_group": listed.get("sub_group") or None,
        "class": listed.get("class"),
        "start_date": start,
        "last_dose_date": last,
        "covered_through_date": covered,
        "counts_in_lot": "Y",
        "local_route": "N",
        "planned_maintenance": "N",
        "is_ongoing_at_cutoff": False,
        **other,
    }


def _event(patient: str, kind: str, day: str | date) -> dict[str, object]:
    set_id = param_set("R2")
    return {"param_set_id": set_id, "centre_id": CENTRE, "patient_key": patient, "event_kind": kind, "event_date": day}


def _worked_episodes() -> list[dict[str, object]]:
    """The worked episodes. LT14 to LT16 are told as curative courses before a relapse; the intent says so here."""
    relapses = {e["case_id"]: str(e["date"]) for e in example("02b_lot__input_events") if e["event"] == "ADVANCED"}
    return [
        _episode(
            str(row["case_id"]),
            str(row["drug_key"]),
            date.fromisoformat(str(row["start"])),
            date.fromisoformat(str(row["last_dose"])),
            date.fromisoformat(str(row["covered_through"])),
            counts_in_lot=row["counts_in_lot"],
            local_route=row["local_route"],
            intent="CURATIVE" if str(row["start"]) < relapses.get(row["case_id"], "") else None,
        )
        for row in example("02b_lot__input_episodes")
    ]


def _two_drugs(patient: str, second: str, days_later: int, first_covers: int = 21) -> list[dict[str, object]]:
    covered = OPENED + timedelta(days=first_covers - 1)
    start = OPENED + timedelta(days=days_later)
    return [
        _episode(patient, "irinotecan", OPENED, OPENED, covered),
        _episode(patient, second, start, start, start + timedelta(days=20)),
    ]


BOUNDARY_CASES = {
    "added_on_day_28_of_the_window": (_two_drugs("added_on_day_28_of_the_window", "anlotinib", 28), 1),
    "added_on_day_29_without_a_scan": (_two_drugs("added_on_day_29_without_a_scan", "anlotinib", 29), 2),
    "resumed_after_a_gap_of_120_days": (_two_drugs("resumed_after_a_gap_of_120_days", "irinotecan", 141), 1),
    "resumed_after_a_gap_of_121_days": (_two_drugs("resumed_after_a_gap_of_121_days", "irinotecan", 142), 2),
    "new_drug_and_old_drug_on_one_day_after_progression": (
        [
            *_two_drugs("new_drug_and_old_drug_on_one_day_after_progression", "irinotecan", 41),
            *_two_drugs("new_drug_and_old_drug_on_one_day_after_progression", "anlotinib", 41)[1:],
        ],
        2,
    ),
}
"""Episodes of a patient named after the situation, and how many lines they make."""


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Lines of the worked cases and of both sides of each boundary."""
    episodes = _worked_episodes() + [episode for some, _ in BOUNDARY_CASES.values() for episode in some]
    events = [_event(str(e["case_id"]), str(e["event"]), str(e["date"])) for e in example("02b_lot__input_events")]
    events += [_event("new_drug_and_old_drug_on_one_day_after_progression", "PD", OPENED + timedelta(days=30))]
    replaced = {"int_exposure_episodes": episodes, "int_line_events": events}
    return run_models("+int_lines_of_therapy", replaced=replaced)


@pytest.mark.parametrize("case", sorted({str(row["case_id"]) for row in example("02b_lot__expected")}))
def test_worked_lines_come_out_as_the_rule_book_says(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    """R2.4 to R2.6: every line of a worked patient: setting, number, dates, regimen, reason, label and tags."""
    query = """
        select patient_key, line_seq, setting, if(is_counted, 'Y', 'N'), line_no, start_date, last_dose_date, regimen,
            advance_reason, enlist_label, tags
        from intermediate.int_lines_of_therapy where patient_key = ? order by line_seq
    """
    rows = connection.execute(query, [case]).fetchall()
    found = [[None if value is None else str(value) for value in row] for row in rows]
    assert found == [list(row.values()) for row in example("02b_lot__expected") if row["case_id"] == case]


@pytest.mark.parametrize("patient", BOUNDARY_CASES)
def test_both_sides_of_a_boundary(connection: duckdb.DuckDBPyConnection, patient: str) -> None:
    """R2.4: the window holds its last day, a gap counts only beyond its length, one day is judged together."""
    query = "select count(*) from intermediate.int_lines_of_therapy where patient_key = ?"
    assert connection.execute(query, [patient]).fetchone() == (BOUNDARY_CASES[patient][1],)


def test_the_opening_row_with_the_lowest_number_gives_the_reason(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4: a day on which row 7 opens a line takes the older drug along, whose own row would have kept the line."""
    query = """
        select regimen, advance_reason, tags from intermediate.int_lines_of_therapy
        where patient_key = 'new_drug_and_old_drug_on_one_day_after_progression' and line_seq = 2
    """
    assert connection.execute(query).fetchall() == [("anlotinib + irinotecan", "PD", None)]


def test_lines_are_counted_in_three_ways(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.6: a palliative line after a curative course that does not count is counted line 1 and LoT 2 (1+1)."""
    query = """
        select line_no, lot_label, enlist_label from intermediate.int_lines_of_therapy
        where patient_key = 'LT15' order by line_seq
    """
    assert connection.execute(query).fetchall() == [(None, "LoT 1 (1+0)", "eLoT 1.0"), (1, "LoT 2 (1+1)", "aLoT 1.0")]
