"""R0.4, R2.1 to R2.6: from orders, dispensings, administrations and histories to lines of therapy."""

from datetime import date

import duckdb
import pytest

from tests.rules.harness import patient_key, run_models

Row = dict[str, object]


def _drug(patient: str, kind: str, name: str, start: str, end: str | None = None, **other: object) -> Row:
    row: Row = {"patient_id": patient, "source_kind": kind, "raw_name": name, "start_text": start, "end_text": end}
    return {**row, **other}


def _given(patient: str, name: str, *days: str, **other: object) -> list[Row]:
    return [{**_drug(patient, "ADMIN", name, day), **other} for day in days]


DRUG_ROWS: list[Row] = [
    # PD-1 antibody carried over into the line that anlotinib opens after progression.
    *_given("kept_pd1_beyond_progression", "注射用卡瑞利珠单抗 200mg", "2023-01-01", "2023-02-10", "2023-03-24"),
    *_given("kept_pd1_beyond_progression", "注射用卡瑞利珠单抗 200mg", "2023-05-05", "2023-06-16", "2023-07-07"),
    *_given("kept_pd1_beyond_progression", "注射用卡瑞利珠单抗 200mg", "2023-07-28"),
    *_given("kept_pd1_beyond_progression", "紫杉醇注射液", "2023-01-01", "2023-02-10"),
    _drug("kept_pd1_beyond_progression", "DISPENSE", "盐酸安罗替尼胶囊12mg", "2023-07-10", qty=14, units_per_day=1),
    # Told at follow-up: months only, and the end runs into the next drug's month.
    _drug("treated_elsewhere_before", "HISTORY", "TP", "2022-01", "2022-06"),
    *_given("treated_elsewhere_before", "替雷利珠单抗", "2022-06-20", "2022-07-11"),
    # Infusions 56 and 57 days apart.
    *_given("infused_56_days_apart", "替雷利珠单抗", "2023-01-01", "2023-02-26"),
    *_given("infused_57_days_apart", "替雷利珠单抗", "2023-01-01", "2023-02-27"),
    # Orders beside administrations, cancelled orders, and a bottle that came back.
    *_given("ordered_and_given", "信迪利单抗注射液", "2023-01-03"),
    _drug("ordered_and_given", "ORDER", "信迪利单抗", "2023-01-01"),
    _drug("ordered_and_given", "ORDER", "顺铂", "2023-01-03", status="CANCELLED"),
    _drug("ordered_and_given", "DISPENSE", "顺铂", "2023-02-01", qty=2),
    _drug("ordered_and_given", "RETURN", "顺铂", "2023-02-02", qty=2),
    _drug("ordered_and_given", "ORDER", "顺铂", "2023-03"),
    # Pleural cisplatin and a steroid are no line.
    *_given("treated_locally", "顺铂", "2023-01-01", route="INTRAPLEURAL"),
    *_given("treated_locally", "地塞米松", "2023-01-01"),
    # Chemotherapy before a resection; relapse later than the six months that would make it count.
    *_given("operated_after_chemotherapy", "顺铂", "2022-01-01", "2022-01-22"),
    *_given("operated_after_chemotherapy", "替雷利珠单抗", "2022-12-01"),
    # Nothing after the data cutoff exists.
    *_given("treated_after_the_cutoff", "替雷利珠单抗", "2025-07-05"),
    *_given("treated_after_the_cutoff", "顺铂", "2025-07-06"),
    # One person under two numbers.
    *_given("number_in_ward", "替雷利珠单抗", "2023-01-01"),
    *_given("number_in_clinic", "替雷利珠单抗", "2023-01-22"),
    # A trial's blinded drug beside chemotherapy.
    *_given("in_a_blinded_trial", "研究用药", "2023-01-01", trial_id="NCT1"),
    *_given("in_a_blinded_trial", "紫杉醇", "2023-01-01"),
]
LAKE: dict[str, list[Row]] = {
    "drug_row": DRUG_ROWS,
    "response": [
        {"patient_id": "kept_pd1_beyond_progression", "reader": "INV", "response_date": "2023-07-03", "response": "PD"},
    ],
    "procedure": [
        {"patient_id": "operated_after_chemotherapy", "kind": "SURGERY_CURATIVE", "start_text": "2022-03-01"},
    ],
    "disease_event": [
        {"patient_id": "operated_after_chemotherapy", "event": "RECURRENCE", "event_date_text": "2022-11-20"},
    ],
    "identity_link": [{"id_a": "number_in_ward", "id_b": "number_in_clinic"}],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Lines of the patients above, built from raw rows."""
    return run_models("+int_lines_of_therapy", lake=LAKE)


def lines(connection: duckdb.DuckDBPyConnection, patient: str) -> list[tuple[object, ...]]:
    """Regimen, start, last dose and reason of each line of a patient."""
    query = """
        select regimen, start_date, last_dose_date, advance_reason
        from intermediate.int_lines_of_therapy where patient_key = ? order by line_seq
    """
    return connection.execute(query, [patient_key(patient)]).fetchall()


def test_a_drug_kept_beyond_progression_is_in_both_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4: the first line ends with its last infusion before the second, which holds antibody and anlotinib."""
    assert lines(connection, "kept_pd1_beyond_progression") == [
        ("camrelizumab + paclitaxel", date(2023, 1, 1), date(2023, 7, 7), "FIRST"),
        ("anlotinib + camrelizumab", date(2023, 7, 10), date(2023, 7, 28), "PD"),
    ]


def test_the_last_dose_of_a_cut_line_is_exact_where_infusions_are_known(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4: a last dose found among administrations is not flagged approximate."""
    query = "select bool_or(is_last_dose_approximate) from intermediate.int_lines_of_therapy where patient_key = ?"
    assert connection.execute(query, [patient_key("kept_pd1_beyond_progression")]).fetchone() == (False,)


def test_a_history_known_by_month_ends_before_the_next_drug(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.3, R2.1: a told acronym becomes both drugs, from the first of the month to the day before the next."""
    first, *_ = lines(connection, "treated_elsewhere_before")
    assert first == ("cisplatin + paclitaxel", date(2022, 1, 1), date(2022, 6, 19), "FIRST")


@pytest.mark.parametrize(("patient", "episodes"), [("infused_56_days_apart", 1), ("infused_57_days_apart", 2)])
def test_infusions_merge_up_to_the_longest_interval(
    connection: duckdb.DuckDBPyConnection, patient: str, episodes: int
) -> None:
    """R2.2: infusions every three weeks are one episode up to 56 days apart and two from day 57."""
    query = "select count(*) from intermediate.int_exposure_episodes where patient_key = ?"
    assert connection.execute(query, [patient_key(patient)]).fetchone() == (episodes,)


def test_each_dropped_row_says_why(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.1: an order of what was given, a cancelled one, a returned bottle and an undated order are left out."""
    query = """
        select dropped_reason from intermediate.int_drug_rows_selected
        where patient_key = ? and not is_kept order by dropped_reason
    """
    found = [row[0] for row in connection.execute(query, [patient_key("ordered_and_given")]).fetchall()]
    assert found == ["CANCELLED", "DATE_UNUSABLE", "ORDER_OF_GIVEN", "RETURN", "RETURNED"]
    assert lines(connection, "ordered_and_given") == [("sintilimab", date(2023, 1, 3), date(2023, 1, 3), "FIRST")]


def test_local_and_supportive_drugs_make_no_line(connection: duckdb.DuckDBPyConnection) -> None:
    """R1, R2.3: intrapleural cisplatin and dexamethasone are exposure, but no line."""
    assert lines(connection, "treated_locally") == []


def test_a_curative_course_long_before_relapse_does_not_count(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.5: chemotherapy before a resection is curative, and with ten months to relapse no counted line."""
    query = """
        select setting, is_counted, line_no, advance_reason
        from intermediate.int_lines_of_therapy where patient_key = ? order by line_seq
    """
    found = connection.execute(query, [patient_key("operated_after_chemotherapy")]).fetchall()
    assert found == [("CURATIVE", False, None, "FIRST"), ("PALLIATIVE", True, 1, "PD")]


def test_nothing_after_the_cutoff_exists(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.4: an infusion on the day of the cutoff counts, one a day later does not."""
    assert [line[0] for line in lines(connection, "treated_after_the_cutoff")] == ["tislelizumab"]


def test_two_linked_numbers_are_one_patient(connection: duckdb.DuckDBPyConnection) -> None:
    """R0.1: infusions under both numbers make one line of one patient, under the key of the smaller number."""
    assert lines(connection, "number_in_clinic") == [("tislelizumab", date(2023, 1, 1), date(2023, 1, 22), "FIRST")]
    assert lines(connection, "number_in_ward") == []


def test_a_blinded_drug_stays_in_the_regimen(connection: duckdb.DuckDBPyConnection) -> None:
    """R1.8, R2.3: the token of a trial is a drug of the line."""
    assert [line[0] for line in lines(connection, "in_a_blinded_trial")] == ["BLINDED:NCT1 + paclitaxel"]
