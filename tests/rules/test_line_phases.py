"""R2.4 to R2.7: maintenance phases and lists, radiosensitisers, why lines end, and the episodes of OMOP."""

from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from tests.rules import harness
from tests.rules.harness import patient_key, protocol, run_models

Row = dict[str, object]

START = date(2023, 1, 2)
CYCLE = 21
LISTED = {"maintenance_drugs": "capecitabine, irinotecan", "gap_exempt_drugs": "irinotecan|apatinib"}


def _given(patient: str, name: str, first_day: int, times: int = 1, every: int = CYCLE, **other: object) -> list[Row]:
    """Infusions from so many days after the start."""
    days = [START + timedelta(days=first_day + every * number) for number in range(times)]
    plain = {"patient_id": patient, "source_kind": "ADMIN", "raw_name": name, "route": "IV", "cycle_days": every}
    return [{**plain, "start_text": day.isoformat(), **other} for day in days]


def _radiotherapy(patient: str, first_day: int, last_day: int, **other: object) -> Row:
    days = [(START + timedelta(days=day)).isoformat() for day in (first_day, last_day)]
    return {"patient_id": patient, "kind": "RT", "start_text": days[0], "end_text": days[1], **other}


def _seen(patient: str, day: int, response: str) -> Row:
    on = (START + timedelta(days=day)).isoformat()
    return {"patient_id": patient, "reader": "INV", "response_date": on, "response": response}


PALLIATIVE_RT = {"intent": "PALLIATIVE", "dose_gy": 30}
DRUG_ROWS: list[Row] = [
    # Two cycles of both; the antibody goes on for one and for two cycles more.
    *_given("antibody_one_cycle_longer", "cisplatin", 0, 2),
    *_given("antibody_one_cycle_longer", "tislelizumab", 0, 3),
    *_given("antibody_two_cycles_longer", "cisplatin", 0, 2),
    *_given("antibody_two_cycles_longer", "tislelizumab", 0, 4),
    # A platinum for a platinum is no maintenance.
    *_given("platinum_exchanged", "cisplatin", 0, 2),
    *_given("platinum_exchanged", "nedaplatin", 42, 6),
    # One drug after another, both alone.
    *_given("one_drug_only", "tislelizumab", 0, 9),
    # Planned by the source, and listed by the study 42 and 43 days after the last dose (day 21).
    *_given("maintenance_planned_by_the_source", "cisplatin", 0, 2),
    *_given("maintenance_planned_by_the_source", "pemetrexed", 84, 3, planned_maintenance="Y"),
    *_given("maintenance_listed_after_42_days", "cisplatin", 0, 2),
    *_given("maintenance_listed_after_42_days", "irinotecan", 63, 3),
    *_given("maintenance_listed_after_43_days", "cisplatin", 0, 2),
    *_given("maintenance_listed_after_43_days", "irinotecan", 64, 3),
    *_given("maintenance_listed_after_progression", "cisplatin", 0, 2),
    *_given("maintenance_listed_after_progression", "irinotecan", 63, 3),
    *_given("maintenance_of_no_list", "cisplatin", 0, 2),
    *_given("maintenance_of_no_list", "docetaxel", 63, 3),
    # A pause of 300 days; irinotecan is exempt.
    *_given("exempt_drug_again_after_300_days", "irinotecan", 0),
    *_given("exempt_drug_again_after_300_days", "irinotecan", 320),
    *_given("plain_drug_again_after_300_days", "docetaxel", 0),
    *_given("plain_drug_again_after_300_days", "docetaxel", 320),
    # Chemotherapy beside palliative radiotherapy.
    *_given("two_systemic_cycles_beside_radiotherapy", "cisplatin", 0, 2, dose=75, dose_unit="mg/m2"),
    *_given("one_systemic_cycle_beside_radiotherapy", "cisplatin", 0, 1, dose=75, dose_unit="mg/m2"),
    *_given("weekly_low_dose_beside_radiotherapy", "cisplatin", 0, 4, every=7, dose=30, dose_unit="mg/m2"),
    *_given("weekly_unknown_dose_beside_radiotherapy", "cisplatin", 0, 4, every=7),
    *_given("low_dose_that_a_reviewer_counted", "cisplatin", 0, 4, every=7, dose=30, dose_unit="mg/m2"),
    *_given("low_dose_beside_radiotherapy_then_more", "cisplatin", 0, 4, every=7, dose=30, dose_unit="mg/m2"),
    *_given("low_dose_beside_radiotherapy_then_more", "paclitaxel", 70, 2, dose=175, dose_unit="mg/m2"),
    *_given("low_dose_and_antibody_beside_radiotherapy", "cisplatin", 0, 4, every=7, dose=30, dose_unit="mg/m2"),
    *_given("low_dose_and_antibody_beside_radiotherapy", "tislelizumab", 0, 1),
    *_given("low_dose_ends_7_days_after_radiotherapy", "cisplatin", 0, 2, every=7, dose=30, dose_unit="mg/m2"),
    *_given("low_dose_ends_8_days_after_radiotherapy", "cisplatin", 0, 2, every=7, dose=30, dose_unit="mg/m2"),
    *_given("dose_in_mg_just_systemic", "cisplatin", 0, 2, dose=72, dose_unit="mg"),
    *_given("dose_in_mg_just_below", "cisplatin", 0, 2, dose="71.9", dose_unit="mg"),
    # Curative radiotherapy whose dose nobody recorded.
    *_given("definitive_dose_not_recorded", "cisplatin", 0, 2),
    *_given("definitive_50_gy", "cisplatin", 0, 2),
    *_given("definitive_49_gy", "cisplatin", 0, 2),
    # Ends.
    *_given("stopped_for_toxicity", "cisplatin", 0, 2, reason_stop="PROGRESSION"),
    *_given("stopped_for_toxicity", "paclitaxel", 0, 3, reason_stop="TOXICITY"),
    *_given("still_treated_at_the_cutoff", "tislelizumab", 905),
    # Perioperative: antibody before and after the resection.
    *_given("perioperative_course", "cisplatin", 0, 2),
    *_given("perioperative_course", "tislelizumab", 120, 4),
    # Investigational first, then the same trial's blinded drug beside chemotherapy.
    *_given("blinded_alone_then_chemotherapy", "研究用药", 0, 2, trial_id="NCT1"),
    *_given("blinded_alone_then_chemotherapy", "paclitaxel", 100, 2),
    *_given("blinded_alone_then_chemotherapy", "irinotecan", 200, 2),
    # Days 1 to 5 as five rows, and days 1 and 8 of three weeks.
    *[row for day in range(5) for row in _given("infused_on_five_days", "fluorouracil", day)],
    *[row for day in range(21, 26) for row in _given("infused_on_five_days", "fluorouracil", day)],
    *[row for day in (0, 7, 21, 28) for row in _given("infused_on_days_1_and_8", "gemcitabine", day)],
]
LAKE: dict[str, list[Row]] = {
    "drug_row": DRUG_ROWS,
    "response": [
        _seen("platinum_exchanged", 40, "SD"),
        _seen("maintenance_listed_after_progression", 60, "PD"),
        _seen("blinded_alone_then_chemotherapy", 99, "PD"),
        _seen("blinded_alone_then_chemotherapy", 199, "PD"),
        _seen("infused_on_days_1_and_8", 60, "CR"),
        _seen("infused_on_days_1_and_8", 90, "CR"),
        _seen("infused_on_days_1_and_8", 120, "PD"),
    ],
    "procedure": [
        _radiotherapy("two_systemic_cycles_beside_radiotherapy", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("one_systemic_cycle_beside_radiotherapy", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("weekly_low_dose_beside_radiotherapy", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("weekly_unknown_dose_beside_radiotherapy", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("low_dose_that_a_reviewer_counted", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("low_dose_beside_radiotherapy_then_more", 0, 40, dose_gy=30),
        _radiotherapy("low_dose_and_antibody_beside_radiotherapy", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("low_dose_ends_7_days_after_radiotherapy", -10, 0, **PALLIATIVE_RT),
        _radiotherapy("low_dose_ends_8_days_after_radiotherapy", -10, -1, **PALLIATIVE_RT),
        _radiotherapy("dose_in_mg_just_systemic", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("dose_in_mg_just_below", 0, 40, **PALLIATIVE_RT),
        _radiotherapy("definitive_dose_not_recorded", 0, 40, intent="DEFINITIVE"),
        _radiotherapy("definitive_50_gy", 0, 40, intent="DEFINITIVE", dose_gy=50),
        _radiotherapy("definitive_49_gy", 0, 40, intent="DEFINITIVE", dose_gy=49),
        {
            "patient_id": "perioperative_course",
            "kind": "SURGERY_CURATIVE",
            "start_text": (START + timedelta(days=60)).isoformat(),
        },
    ],
    "adjudication": [
        {
            "patient_id": "low_dose_that_a_reviewer_counted",
            "rule": "R2.5",
            "item": f"CRT_REVIEW {START}",
            "value": "COUNTED",
            "reason": "palliative chemotherapy, given weekly for frailty",
            "decided_by": "oncologist",
            "decided_date": "2025-08-02",
        },
    ],
    "disease_event": [
        {"patient_id": "infused_on_five_days", "event": "DX", "event_date_text": "2022-12-01"},
    ],
}


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    """Everything that lines publish, of the patients above."""
    select = "+lines_of_therapy +exposure_episodes +drug_rows +int_reviews_lines +episode +episode_event"
    return run_models(select, lake=LAKE, protocols=[protocol(LISTED)])


def column(connection: duckdb.DuckDBPyConnection, patient: str, name: str) -> list[Any]:
    """One column of the patient's lines, in their order."""
    query = f"select {name} from warehouse.marts.lines_of_therapy where patient_key = ? order by line_seq"
    return [row[0] for row in connection.execute(query, [patient_key(patient)]).fetchall()]


@pytest.mark.parametrize(
    ("patient", "first_day"),
    [
        ("antibody_one_cycle_longer", None),
        ("antibody_two_cycles_longer", 42),
        ("platinum_exchanged", None),
        ("one_drug_only", None),
        ("maintenance_planned_by_the_source", 84),
    ],
)
def test_maintenance_begins_when_only_a_part_goes_on(
    connection: duckdb.DuckDBPyConnection, patient: str, first_day: int | None
) -> None:
    """R2.4: what is left of the regimen, given for two cycles or more, is a phase and not a line."""
    expected = None if first_day is None else START + timedelta(days=first_day)
    assert column(connection, patient, "maintenance_start_date") == [expected]


def test_a_phase_names_what_is_still_given(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4: the phase ends with the last covered day of the antibody that went on alone."""
    assert column(connection, "antibody_two_cycles_longer", "maintenance_regimen") == ["tislelizumab"]
    ended = START + timedelta(days=4 * CYCLE - 1)
    assert column(connection, "antibody_two_cycles_longer", "maintenance_end_date") == [ended]


@pytest.mark.parametrize(
    ("patient", "reasons"),
    [
        ("maintenance_planned_by_the_source", ["FIRST"]),
        ("maintenance_listed_after_42_days", ["FIRST"]),
        ("maintenance_listed_after_43_days", ["FIRST", "NEW_DRUG_PD_UNKNOWN"]),
        ("maintenance_listed_after_progression", ["FIRST", "PD"]),
        ("maintenance_of_no_list", ["FIRST", "NEW_DRUG_PD_UNKNOWN"]),
        ("exempt_drug_again_after_300_days", ["FIRST"]),
        ("plain_drug_again_after_300_days", ["FIRST", "GAP"]),
    ],
)
def test_lists_that_a_study_supplies(connection: duckdb.DuckDBPyConnection, patient: str, reasons: list[str]) -> None:
    """R2.4: planned maintenance and exempt drugs stay in their line, inside their limits and without progression."""
    assert column(connection, patient, "advance_reason") == reasons


def test_planned_maintenance_is_no_modification(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4 row 12: the EnLiST label of a line with planned maintenance stays X.0."""
    assert column(connection, "maintenance_listed_after_42_days", "enlist_label") == ["aLoT 1.0"]
    assert column(connection, "maintenance_listed_after_42_days", "tags") == ["ADD_NONPD"]


def test_a_line_says_whether_progression_was_known(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.4 rows 6 and 13: a restart without imaging and a new drug of unknown status are marked."""
    assert column(connection, "plain_drug_again_after_300_days", "pd_status_known") == ["Y", "N"]
    assert column(connection, "maintenance_of_no_list", "pd_status_known") == ["Y", "N"]
    assert column(connection, "maintenance_listed_after_progression", "pd_status_known") == ["Y", "Y"]


@pytest.mark.parametrize(
    ("patient", "line_numbers", "tags"),
    [
        ("two_systemic_cycles_beside_radiotherapy", [1], [None]),
        ("one_systemic_cycle_beside_radiotherapy", [None], ["CRT_REVIEW"]),
        ("weekly_low_dose_beside_radiotherapy", [None], ["CRT_REVIEW"]),
        ("weekly_unknown_dose_beside_radiotherapy", [1], ["CRT_REVIEW"]),
        ("low_dose_that_a_reviewer_counted", [1], ["CRT_REVIEW, ADJUDICATED"]),
        ("low_dose_beside_radiotherapy_then_more", [None, 1], ["CRT_REVIEW", None]),
        ("low_dose_and_antibody_beside_radiotherapy", [1], [None]),
        ("low_dose_ends_7_days_after_radiotherapy", [None], ["CRT_REVIEW"]),
        ("low_dose_ends_8_days_after_radiotherapy", [1], [None]),
        ("dose_in_mg_just_systemic", [1], [None]),
        ("dose_in_mg_just_below", [None], ["CRT_REVIEW"]),
    ],
)
def test_a_radiosensitiser_is_no_line(
    connection: duckdb.DuckDBPyConnection, patient: str, line_numbers: list[int | None], tags: list[str | None]
) -> None:
    """R2.5: chemotherapy beside palliative radiotherapy counts from two systemic cycles; else it is reviewed."""
    assert column(connection, patient, "line_no") == line_numbers
    assert column(connection, patient, "tags") == tags


@pytest.mark.parametrize(
    ("patient", "setting"),
    [
        ("definitive_50_gy", "CURATIVE"),
        ("definitive_49_gy", "PALLIATIVE"),
        ("definitive_dose_not_recorded", "PALLIATIVE"),
    ],
)
def test_definitive_radiotherapy_makes_a_course_curative(
    connection: duckdb.DuckDBPyConnection, patient: str, setting: str
) -> None:
    """R2.5: from 50 Gy with curative intent."""
    assert column(connection, patient, "setting") == [setting]


def test_what_a_person_has_to_judge(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.5: each undecided course is one row for review, with what stands now and the radiotherapy's row."""
    query = "select review_reason, value, count(*) from intermediate.int_reviews_lines group by all order by all"
    assert connection.execute(query).fetchall() == [
        ("CRT_REVIEW", "COUNTED", 1),
        ("CRT_REVIEW", "NOT_COUNTED", 6),
        ("RT_DOSE_UNKNOWN", "PALLIATIVE", 1),
    ]
    columns = "count(*) filter (where evidence is null or source_row is null or item is null)"
    assert connection.execute(f"select {columns} from intermediate.int_reviews_lines").fetchone() == (0,)


def test_neoadjuvant_surgery_and_adjuvant_are_one_course(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.5: chemotherapy before the resection and an antibody after it are one curative course."""
    assert column(connection, "perioperative_course", "regimen") == ["cisplatin + tislelizumab"]
    assert column(connection, "perioperative_course", "setting") == ["CURATIVE"]
    assert column(connection, "perioperative_course", "maintenance_start_date") == [None]


@pytest.mark.parametrize(
    ("patient", "ends"),
    [
        ("stopped_for_toxicity", ["TOXICITY"]),
        ("still_treated_at_the_cutoff", ["ONGOING"]),
        ("one_drug_only", ["NOT_RECORDED"]),
        ("plain_drug_again_after_300_days", ["GAP", "NOT_RECORDED"]),
    ],
)
def test_a_line_says_why_it_ended(connection: duckdb.DuckDBPyConnection, patient: str, ends: list[str]) -> None:
    """R2.6: the next line's reason, else ongoing, else the reason of the drug given last, else none recorded."""
    assert column(connection, patient, "end_reason") == ends


def test_investigational_lines_have_their_own_label(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.6: a line is iLoT only if every drug is investigational; each kind counts its own lines."""
    patient = "blinded_alone_then_chemotherapy"
    assert column(connection, patient, "enlist_label") == ["iLoT 1.0", "aLoT 1.0", "aLoT 2.0"]
    assert column(connection, patient, "enlist_history")[-1] == "[eLoT 0.0 + aLoT 2.0] + iLoT 1.0"
    assert column(connection, patient, "lot_label") == ["LoT 1 (0+1)", "LoT 2 (0+2)", "LoT 3 (0+3)"]


def test_classes_of_a_line_are_flagged(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.6: platinum, chemotherapy and checkpoint inhibitor of a regimen; no taxane where none was given."""
    flags = ["has_platinum", "has_chemotherapy", "has_pd1", "has_taxane"]
    found = [column(connection, "antibody_two_cycles_longer", flag) for flag in flags]
    assert found == [["Y"], ["Y"], ["Y"], ["N"]]


def omop(connection: duckdb.DuckDBPyConnection, patient: str, concept: int) -> list[tuple[Any, ...]]:
    """Start, end and number of the patient's episodes of a kind."""
    query = """
        select episode_start_date - ?, episode_end_date - ?, episode_number from warehouse.omop.episode
        where patient_key = ? and episode_concept_id = ? order by episode_start_date
    """
    return connection.execute(query, [START, START, patient_key(patient), concept]).fetchall()


def test_omop_numbers_regimens_as_lines_are_counted(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.7: a regimen's number is its line_no, empty for one that does not count; an ongoing one has no end."""
    assert omop(connection, "low_dose_beside_radiotherapy_then_more", 32531) == [(0, 21, None), (70, 91, 1)]
    assert omop(connection, "still_treated_at_the_cutoff", 32531) == [(905, None, 1)]


@pytest.mark.parametrize(
    ("patient", "cycles"),
    [
        ("infused_on_five_days", [(0, 20, 1), (21, 25, 2)]),
        ("infused_on_days_1_and_8", [(0, 20, 1), (21, 28, 2)]),
    ],
)
def test_omop_cycles_take_in_several_days(
    connection: duckdb.DuckDBPyConnection, patient: str, cycles: list[tuple[int, int, int]]
) -> None:
    """R2.7: infusions less than half a cycle apart are one cycle, which lasts to the day before the next."""
    assert omop(connection, patient, 32532) == cycles


def test_omop_tells_the_turns_of_the_disease(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.7: the disease begins with its diagnosis; a complete response that lasts is one remission."""
    assert [row[0] for row in omop(connection, "infused_on_five_days", 32533)] == [-32]
    assert [row[0] for row in omop(connection, "infused_on_five_days", 32528)] == [-32]
    assert [row[0] for row in omop(connection, "infused_on_days_1_and_8", 32530)] == [60]
    assert [row[0] for row in omop(connection, "infused_on_days_1_and_8", 32677)] == [120]


def test_every_omop_episode_has_its_parent(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.7: regimens and turns hang on the disease, cycles on a regimen; ids are unique and positive."""
    query = """
        select child.episode_concept_id, parent.episode_concept_id
        from warehouse.omop.episode as child
        left join warehouse.omop.episode as parent on child.episode_parent_id = parent.episode_id
        group by all order by all
    """
    assert connection.execute(query).fetchall() == [
        (32528, 32533),
        (32530, 32533),
        (32531, 32533),
        (32532, 32531),
        (32533, None),
        (32677, 32533),
    ]
    ids = connection.execute(
        "select count(*), count(distinct episode_id), min(episode_id) > 0 from warehouse.omop.episode"
    )
    n_rows, n_ids, is_positive = ids.fetchone() or (0, 0, False)
    assert n_rows == n_ids
    assert is_positive


def test_a_regimen_is_linked_to_its_own_drug_rows_only(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.7: the first regimen of a patient holds its two infusions and not the drugs of later lines."""
    query = """
        select episode.episode_source_value, count(*), string_agg(distinct drug_rows.drug_key, ',')
        from warehouse.omop.episode_event as links
        inner join warehouse.omop.episode using (episode_id)
        inner join warehouse.marts.drug_rows on links.event_id = drug_rows.drug_exposure_id
        where episode.patient_key = ? and episode_concept_id = 32531 and episode_event_field_concept_id = 1147094
        group by all order by all
    """
    patient = patient_key("maintenance_listed_after_progression")
    assert connection.execute(query, [patient]).fetchall() == [
        ("cisplatin", 2, "cisplatin"),
        ("irinotecan", 3, "irinotecan"),
    ]


def test_a_drug_row_knows_its_episode_and_line(connection: duckdb.DuckDBPyConnection) -> None:
    """R2.2, R2.4: each kept row leads to its episode of exposure, whose lines hold the row's line."""
    query = """
        select count(*), count(*) filter (where drug_rows.line_seq between first_line_seq and last_line_seq)
        from warehouse.marts.drug_rows left join warehouse.marts.exposure_episodes using (param_set_id, episode_id)
    """
    assert connection.execute(query).fetchone() == (len(DRUG_ROWS), len(DRUG_ROWS))


def test_a_drug_that_nobody_knows_is_told_of_its_parameter() -> None:
    """A study that lists a misspelt drug is stopped: the list would exempt nothing, in silence."""
    text = protocol({"maintenance_drugs": "capecitabine, irinotekan", "gap_exempt_drugs": "apatinib"})
    known = harness.DBT_PROJECT / "tests" / "drugs_of_parameters_exist.sql"
    with run_models("+int_parameters_r2", protocols=[text]) as connection:
        found = connection.execute(harness.compiled(known.read_text(encoding="utf-8"))).fetchall()
    assert [row[1:] for row in found] == [("maintenance_drugs", "irinotekan")]
