"""Dosing of the index treatment (rules R7.1 to R7.5), from fills and infusions to marts.dosing and adam.adex."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from tests.rules.harness import example, patient_key, run_models

START = date(2024, 1, 1)
LEVEL_CASES = sorted({str(row["case_id"]) for row in example("07_dose_levels__input")})
INTENSITY_CASES = sorted({str(row["case_id"]) for row in example("07_dosing__input")})
ORAL_CASES = {str(row["case_id"]) for row in example("07_dosing__input") if row["kind"] == "ORAL"}

Row = dict[str, object]


def on(offset: int, start: date = START) -> str:
    """The day so many days after the index date."""
    return (start + timedelta(offset)).isoformat()


def pack(day: str, capsules: int, mg: str | None = "12", **more: object) -> Row:
    """Capsules of anlotinib taken home; a negative number was brought back."""
    return {
        "source_kind": "DISPENSE" if capsules > 0 else "RETURN",
        "raw_name": "盐酸安罗替尼胶囊",
        "raw_spec": mg and f"{mg}mg*7粒",
        "route": "PO",
        "qty": capsules,
        "units_per_day": 1,
        "start_text": day,
        **more,
    }


def infusion(day: str, cycle_days: int = 21, mg: int | None = 200, name: str = "卡瑞利珠单抗") -> Row:
    """An infusion of a PD-1 antibody as ordered."""
    return {
        "source_kind": "ADMIN",
        "raw_name": name,
        "route": "IV",
        "dose": mg,
        "dose_unit": mg and "mg",
        "cycle_days": cycle_days,
        "start_text": day,
    }


def packs(*fills: tuple[int, int]) -> list[Row]:
    """Packs of 12 mg by day after the index date and number of capsules, with one infusion on the index date."""
    return [*(pack(on(offset), capsules) for offset, capsules in fills), infusion(on(0))]


def infusions(*offsets: int) -> list[Row]:
    """Infusions every three weeks as ordered, on these days after the index date, with one pack of anlotinib."""
    return [pack(on(0), 14), *(infusion(on(offset)) for offset in offsets)]


# After n capsules from the index date, the patient is off the drug from day n on.
ORAL: dict[str, list[Row]] = {
    "four_days_off_after_nine_on_days": packs((0, 9), (13, 5)),
    "four_days_off_after_ten_on_days": packs((0, 10), (14, 5)),
    "three_days_off_after_ten_on_days": packs((0, 10), (13, 4)),
    "four_days_off_after_thirteen_on_days": packs((0, 13), (17, 1)),
    "three_days_off_after_thirteen_on_days": packs((0, 13), (16, 1)),
    "two_packs_and_the_planned_week_between": packs((0, 14), (21, 14)),
    "stopped_on_the_last_day_but_one": packs((0, 13)),
    "two_days_missed": packs((0, 5), (7, 9)),
    "three_days_missed": packs((0, 5), (8, 9)),
    "refill_twenty_eight_days_late": packs((0, 14), (21 + 28, 14)),
    "refill_twenty_nine_days_late": packs((0, 14), (21 + 29, 14)),
    "exactly_105_percent": [pack(on(0), 14, "10"), pack(on(21), 14, "11"), infusion(on(0))],
    "just_above_105_percent": [pack(on(0), 14, "10"), pack(on(21), 14, "11.01"), infusion(on(0))],
    "every_other_day": [pack(on(0), 14), pack(on(21), 7, units_per_day="0.5"), infusion(on(0))],
    "capsules_exchanged_for_weaker_ones": [
        pack(on(0), 28),
        pack(on(21), -14),
        pack(on(21), 14, "10"),
        infusion(on(0)),
    ],
    "reduced_for_toxicity": [pack(on(0), 14, reason_stop="INTOLERANCE"), pack(on(21), 14, "10"), infusion(on(0))],
    "reduced_at_the_patients_wish": [
        pack(on(0), 14, reason_stop="PATIENT_DECISION"),
        pack(on(21), 14, "10"),
        infusion(on(0)),
    ],
    "lower_dose_noted_as_toxicity": [pack(on(0), 14), pack(on(21), 14, "10", reason_stop="TOXICITY"), infusion(on(0))],
    "lower_dose_stopped_for_progression": [
        pack(on(0), 14),
        pack(on(21), 14, "10", reason_stop="PROGRESSION"),
        infusion(on(0)),
    ],
    "strength_never_recorded": [pack(on(0), 14, None), pack(on(21), 14, None), infusion(on(0))],
    "died_on_the_fifth_day": packs((0, 14)),
    "cutoff_inside_a_pack": [
        *(pack(on(21 * cycle, date(2024, 12, 24)), 14) for cycle in range(10)),
        infusion("2024-12-24"),
    ],
    "switched_while_capsules_are_left": [
        *packs((0, 28)),
        {"source_kind": "ADMIN", "raw_name": "伊立替康", "route": "IV", "start_text": on(25)},
    ],
}
INFUSED: dict[str, list[Row]] = {
    "infused_seven_days_late": infusions(0, 28),
    "infused_eight_days_late": infusions(0, 29),
    "infused_two_cycles_less_four_days_apart": infusions(0, 38),
    "infused_two_cycles_less_three_days_apart": infusions(0, 39),
    "infused_on_consecutive_days": infusions(0, 21, 22),
    "doubled_dose_every_six_weeks": [
        pack(on(0), 14),
        infusion(on(0), 21, 200, "帕博利珠单抗"),
        infusion(on(21), 42, 400, "帕博利珠单抗"),
        infusion(on(63), 42, 400, "帕博利珠单抗"),
    ],
    "half_a_dose_of_the_antibody": [pack(on(0), 14), infusion(on(0)), infusion(on(21), 21, 100)],
    "infusions_without_mg": [pack(on(0), 14), infusion(on(0), 21, None), infusion(on(28), 21, None)],
}


def worked_rows() -> dict[str, list[Row]]:
    """Rows of the worked cases; each gets a first dose of the other component, so that it has an index date."""
    rows: dict[str, list[Row]] = {}
    for case in example("07_dosing__input"):
        name, day = str(case["case_id"]), str(case["start_or_date"])
        other = infusion(day) if case["kind"] == "ORAL" else pack(day, 14)
        taken: Row = {"source_kind": "MAR", "raw_name": "安罗替尼", "dose_unit": "mg", "route": "PO", "start_text": day}
        taken |= {"dose": case["mg_per_day"], "end_text": case["end"]}
        given = infusion(day, int(case["cycle_days"] or 0))
        rows.setdefault(name, [other]).append(taken if case["kind"] == "ORAL" else given)
    for case in example("07_dose_levels__input"):
        name, day = str(case["case_id"]), str(case["start"])
        rows.setdefault(name, [infusion(day)]).append(pack(day, 14, str(case["mg_per_day"])))
    return rows


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Dosing of all worked cases and boundaries, derived in one run."""
    patients = {**worked_rows(), **ORAL, **INFUSED}
    lake: dict[str, list[Row]] = {
        "drug_row": [{"patient_id": name, **row} for name, rows in patients.items() for row in rows],
        "death": [{"patient_id": "died_on_the_fifth_day", "source": "REGISTRY", "date_text": on(4)}],
        "response": [
            {
                "patient_id": "switched_while_capsules_are_left",
                "reader": "INV",
                "response_date": on(24),
                "response": "PD",
            }
        ],
    }
    with run_models("+dosing +adex", lake=lake) as made:
        yield made


def told(
    connection: duckdb.DuckDBPyConnection, patient: str, columns: str, component: str = "anlotinib"
) -> tuple[object, ...]:
    """Columns of one patient's row of marts.dosing."""
    found = connection.execute(
        f"select {columns} from warehouse.marts.dosing where patient_key = ? and component = ?",
        [patient_key(patient), component],
    ).fetchall()
    assert len(found) == 1, (patient, found)
    return tuple(found[0])


@pytest.mark.parametrize("case", INTENSITY_CASES)
def test_dose_intensity_is_that_of_the_rule_book(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    """R7.4, R7.5: planned dose (mg by mouth, infusions otherwise) and relative dose intensity of each worked case."""
    expected = next(row for row in example("07_dosing__expected") if row["case_id"] == case)
    component, planned = ("anlotinib", "planned_mg") if case in ORAL_CASES else ("pd1", "doses_planned")
    found = told(connection, case, f"round({planned}, 2), rdi_pct", component)
    assert found == (Decimal(str(expected["planned"])), Decimal(str(expected["rdi_pct"])))


@pytest.mark.parametrize("case", LEVEL_CASES)
def test_dose_levels_are_those_of_the_rule_book(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    """R7.2: first and lowest dose, reductions and escalation of each worked case."""
    expected = next(row for row in example("07_dose_levels__expected") if row["case_id"] == case)
    found = told(connection, case, "initial_mg, reduced, n_reductions, min_mg, escalated")
    assert found == (
        Decimal(str(expected["initial_mg"])),
        expected["reduced"],
        int(str(expected["n_reductions"])),
        Decimal(str(expected["min_mg"])),
        expected["escalated"],
    )


def test_the_label_dose_gives_a_second_intensity(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.4: a patient who started at 10 mg had all of the own dose and 83.3% of the label dose (DO04)."""
    assert told(connection, "DO04", "rdi_initial_pct, rdi_label_pct") == (Decimal("100.0"), Decimal("83.3"))


@pytest.mark.parametrize(
    ("patient", "started", "completed", "interruptions"),
    [
        ("four_days_off_after_nine_on_days", 1, 1, 1),
        ("four_days_off_after_ten_on_days", 2, 0, 0),
        ("three_days_off_after_ten_on_days", 1, 1, 1),
        ("four_days_off_after_thirteen_on_days", 2, 0, 0),
        ("three_days_off_after_thirteen_on_days", 1, 1, 1),
        ("two_packs_and_the_planned_week_between", 2, 2, 0),
        ("stopped_on_the_last_day_but_one", 1, 0, 0),
        ("two_days_missed", 1, 1, 0),
        ("three_days_missed", 1, 1, 1),
    ],
)
def test_an_on_phase_ends_after_enough_days_on_and_off(
    connection: duckdb.DuckDBPyConnection, patient: str, started: int, completed: int, interruptions: int
) -> None:
    """R7.1, R7.3: 4 days off after 10 on begin a cycle, 14 on-days complete one, 3 missed days interrupt it."""
    found = told(connection, patient, "cycles_started, cycles_completed, n_interruptions")
    assert found == (started, completed, interruptions)


@pytest.mark.parametrize(
    ("patient", "delays", "days"), [("refill_twenty_eight_days_late", 1, 28), ("refill_twenty_nine_days_late", 0, 0)]
)
def test_a_late_refill_is_a_delay_up_to_the_grace(
    connection: duckdb.DuckDBPyConnection, patient: str, delays: int, days: int
) -> None:
    """R7.3: the gap that R2.2 records is a delay; after 28 days another episode begins."""
    assert told(connection, patient, "n_delays, delay_days") == (delays, days)


@pytest.mark.parametrize(
    ("patient", "delays", "days", "omissions"),
    [
        ("infused_seven_days_late", 0, 0, 0),
        ("infused_eight_days_late", 1, 8, 0),
        ("infused_two_cycles_less_four_days_apart", 1, 17, 0),
        ("infused_two_cycles_less_three_days_apart", 0, 0, 1),
    ],
)
def test_a_late_infusion_is_a_delay_or_an_omission(
    connection: duckdb.DuckDBPyConnection, patient: str, delays: int, days: int, omissions: int
) -> None:
    """R7.3: later than cycle + 7 days is a delay, from two cycles less 3 days on an omission, never both."""
    assert told(connection, patient, "n_delays, delay_days, n_omissions", "pd1") == (delays, days, omissions)


@pytest.mark.parametrize(("patient", "above"), [("exactly_105_percent", False), ("just_above_105_percent", True)])
def test_more_than_planned_is_flagged_above_105_percent(
    connection: duckdb.DuckDBPyConnection, patient: str, above: bool
) -> None:
    """R7.4: nothing is capped, and only what is strictly above 105% is flagged."""
    assert told(connection, patient, "is_rdi_above_max") == (above,)


def test_every_other_day_is_half_the_dose(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.2: 12 mg every other day are 6 mg per on-day, a reduction; seven capsules last fourteen days."""
    found = told(connection, "every_other_day", "min_mg, n_reductions, doses_given, total_mg")
    assert found == (6, 1, 28, 14 * 12 + 14 * 6)


def test_exchanged_capsules_are_those_handed_out_at_that_strength(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.2, R7.2: 14 of 28 capsules of 12 mg come back for 14 of 10 mg: the second cycle was taken at 10 mg."""
    found = told(connection, "capsules_exchanged_for_weaker_ones", "reduced, doses_given, total_mg, cycles_started")
    assert found == ("Y", 28, 14 * 12 + 14 * 10, 2)


@pytest.mark.parametrize(
    ("patient", "reason", "for_toxicity", "unexplained"),
    [
        ("DD01", "UNKNOWN", 0, 1),
        ("reduced_for_toxicity", "TOXICITY", 1, 0),
        ("reduced_at_the_patients_wish", "OTHER", 0, 0),
        ("lower_dose_noted_as_toxicity", "TOXICITY", 1, 0),
        ("lower_dose_stopped_for_progression", "UNKNOWN", 0, 1),
        ("DD03", None, 0, 0),
    ],
)
def test_a_reduction_has_the_reason_that_the_records_name(
    connection: duckdb.DuckDBPyConnection, patient: str, reason: str | None, for_toxicity: int, unexplained: int
) -> None:
    """R7.2: only a recorded toxicity makes a reduction due to toxicity, and an unknown reason is shown apart."""
    found = told(connection, patient, "reduction_reason, n_toxicity_reductions, n_unexplained_reductions")
    assert found == (reason, for_toxicity, unexplained)


def test_an_unknown_strength_is_not_a_full_dose(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.2: without mg there is no dose, no intensity, and no answer about reductions; the days still count."""
    columns = "initial_mg, total_mg, rdi_pct, is_rdi_above_max, reduced, n_reductions, doses_given"
    assert told(connection, "strength_never_recorded", columns) == (*[None] * 6, 28)


@pytest.mark.parametrize(
    ("patient", "last_dose", "doses"),
    [
        ("died_on_the_fifth_day", START + timedelta(4), 5),
        ("cutoff_inside_a_pack", date(2025, 7, 5), 9 * 14 + 5),
        ("switched_while_capsules_are_left", START + timedelta(24), 14 + 4),
    ],
)
def test_nothing_is_taken_after_death_cutoff_or_the_next_line(
    connection: duckdb.DuckDBPyConnection, patient: str, last_dose: date, doses: int
) -> None:
    """R0.4, R7.2: capsules in hand count up to the day of death, the cutoff or the eve of the next line."""
    assert told(connection, patient, "last_dose_date, doses_given") == (last_dose, doses)


def test_doses_on_consecutive_days_are_one_infusion(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.2: an infusion over several days is one administration."""
    assert told(connection, "infused_on_consecutive_days", "doses_given, cycles_started", "pd1") == (2, 2)


def test_twice_the_dose_at_twice_the_interval_is_a_full_dose(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.5: a schedule changed from 200 mg every 3 weeks to 400 mg every 6 is 100% of both references."""
    found = told(connection, "doubled_dose_every_six_weeks", "doses_planned, rdi_initial_pct, rdi_label_pct", "pd1")
    assert found == (3, 100, 100)


def test_an_antibody_is_never_reduced(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.2: a checkpoint inhibitor has a fixed dose; a lower one lowers the intensity and is no reduction."""
    found = told(connection, "half_a_dose_of_the_antibody", "reduced, n_reductions, min_mg, rdi_pct", "pd1")
    assert found == ("N", 0, 100, 75)


def test_infusions_without_mg_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    """R7.5: two infusions where 2.33 were planned are 85.7%, whatever their dose was."""
    found = told(connection, "infusions_without_mg", "rdi_initial_pct, rdi_label_pct, total_mg", "pd1")
    assert found == (Decimal("85.7"), None, None)


def test_adex_holds_each_dose_and_the_figures_of_the_component(connection: duckdb.DuckDBPyConnection) -> None:
    """ADEX: the three on-phases of DO02 with their mg, days and source, and the figures that marts.dosing gives."""
    query = """
        select paramcd, exdose, exdosu, cast(astdt as varchar), cast(aendt as varchar), aval, srcseq is not null
        from warehouse.adam.adex
        where usubjid like '%' || ? and trtcomp = 'anlotinib' and paramcd in ('DOSE', 'TDOSE', 'PLDOSE', 'RDI', 'NCYC')
        order by parcat1, astdt, paramcd
    """
    whole = (None, None, "2024-01-01", "2024-02-25")
    assert connection.execute(query, [patient_key("DO02")]).fetchall() == [
        ("DOSE", 12, "mg", "2024-01-01", "2024-01-14", 12, True),
        ("DOSE", 10, "mg", "2024-01-22", "2024-02-04", 10, True),
        ("DOSE", 10, "mg", "2024-02-12", "2024-02-25", 10, True),
        ("NCYC", *whole, 3, True),
        ("PLDOSE", *whole, 504, True),
        ("RDI", *whole, Decimal("88.9"), True),
        ("TDOSE", *whole, 448, True),
    ]
