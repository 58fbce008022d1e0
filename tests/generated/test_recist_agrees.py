"""The shipped SQL against the reference on tumour response: thousands of lesion histories in one run of the SQL.

The same run holds patients of two readers, on whom the choice of a baseline and of a source of responses is compared.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pytest

from tests.generated.comparison import lake_of, patient_name
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import CUTOFF, EXTRACTED, History
from tests.generated.lesions import has_pet, lesion_histories, readings
from tests.generated.sources import ENDPOINTS, INDEX, SourcedReading, sourced_histories
from tests.reference import defaults
from tests.reference.recist import responses, time_points
from tests.reference.tables import default_parameters
from tests.rules import harness, survival_courses

PATIENTS = 3000
PATIENTS_OF_TWO_READERS = 2500
OTHER_PARAMETERS = {
    "tp_window_days": "21",
    "tstm_mm": "4",
    "node_normal_mm": "9",
    "pd_increase_percent": "25",
    "pd_increase_mm": "4",
    "pr_decrease_percent": "50",
    "bl_imaging_before": "57",
    "bl_imaging_late_after": "14",
    "response_source_priority": "INVESTIGATOR>INDEPENDENT>DERIVED",
    "sd_min_days": "56",
}
COLUMNS = """
    tp_label, response_date, sum_mm, nadir_mm, target_response, nontarget_response, new_lesion, tp_response,
    course_response, coalesce(review, ''), last_evaluable_date
"""
Answer = tuple[object, ...]
Answers = Mapping[str, list[Answer]]

BASELINES = "select patient_key, reader, baseline_date, baseline_flag from intermediate.int_index_courses order by all"
BEST = """
    select
        patient_key, response_source, bor, bor_date, confirmed_bor, confirmed_bor_date, first_response_date,
        first_confirmed_response_date, pd_date, n_assessments, baseline_imaging_date, baseline_flag, investigator_bor,
        independent_bor, discordance, pd_shift_days
    from warehouse.marts.best_response
"""
TIMES = "select patient_key, paramcd, start_date, end_date, cnsr from warehouse.marts.survival_times order by all"
FAILURES = """
    select patient_key, check_id, count(*)
    from (
        select * from intermediate.int_checks_on_cohorts where check_id in ('DQ031', 'DQ032')
        union all
        select * from intermediate.int_checks_on_responses
    ) as looked_at
    where is_failed and patient_key in (select patient_key from warehouse.marts.best_response)
    group by patient_key, check_id order by all
"""
MODELS = "+int_course_responses +best_response +survival_times +int_checks_on_cohorts +int_checks_on_responses"
TOPICS: Mapping[str, tuple[str, Callable[[SourcedReading], list[Answer]]]] = {
    "baseline": (BASELINES, SourcedReading.baselines),
    "best_response": (BEST, SourcedReading.best),
    "survival_times": (TIMES, SourcedReading.endpoints),
    "checks": (FAILURES, SourcedReading.failures),
}


@dataclass(frozen=True)
class Batch:
    """One run of the SQL over all patients: lesions alone, then those of two readers, under one set of parameters."""

    lesions: Sequence[History]
    sourced: Sequence[History]
    parameters: Mapping[str, str]
    connection: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def lesions() -> list[History]:
    return drawn(lesion_histories(), patients_wanted(PATIENTS))


@pytest.fixture(scope="module")
def sourced() -> list[History]:
    return drawn(sourced_histories(), patients_wanted(PATIENTS_OF_TWO_READERS))


@pytest.fixture(scope="module", params=[{}, OTHER_PARAMETERS], ids=["defaults", "other_parameters"])
def batch(request: pytest.FixtureRequest, lesions: list[History], sourced: list[History]) -> Iterator[Batch]:
    study = survival_courses.study("rule_cases", ENDPOINTS, request.param)
    everyone = [*lesions, *sourced]
    index_rows = [
        {
            "param_set_id": harness.param_set("R3", study),
            "centre_id": harness.CENTRE,
            "patient_key": harness.patient_key(patient_name(history, number)),
            "index_date": INDEX,
            "index_status": "OK",
            "data_cutoff": CUTOFF,
            "reference_date": INDEX,
        }
        for number, history in enumerate(everyone)
        if number >= len(lesions)
    ]
    with harness.run_models(
        MODELS,
        lake=lake_of(everyone),
        protocols=[study],
        replaced={"int_index": index_rows},
        extract_date=EXTRACTED,
    ) as connection:
        yield Batch(lesions, sourced, {**default_parameters(), **request.param}, connection)


def test_sql_and_reference_agree_on_tumour_response(batch: Batch) -> None:
    """Sums, nadirs, responses, dates and reviews of every drawn patient are the same in both readings of R5."""
    query = f"""
        select patient_key, {COLUMNS} from intermediate.int_course_responses
        where not is_baseline order by patient_key, tp_no
    """
    found = answers(batch.connection, query)
    require_agreement(batch.lesions, 0, found, lambda history: _course_responses(history, batch.parameters))


@pytest.mark.parametrize("topic", TOPICS)
def test_sql_and_reference_agree_on_baseline_and_source(batch: Batch, topic: str) -> None:
    """The baseline of the index date, the source that counts, and what follows from them are the same in both."""
    query, reference = TOPICS[topic]
    found = answers(batch.connection, query)
    first = len(batch.lesions)
    require_agreement(batch.sourced, first, found, lambda each: reference(SourcedReading(each, batch.parameters)))


def answers(connection: duckdb.DuckDBPyConnection, query: str) -> Answers:
    found: dict[str, list[Answer]] = {}
    for patient_key, *answer in connection.execute(query).fetchall():
        found.setdefault(patient_key, []).append(tuple(answer))
    return found


def require_agreement(
    histories: Sequence[History], first: int, found: Answers, reference: Callable[[History], list[Answer]]
) -> None:
    """Fail with the smallest history on which the two differ; `first` is the number of the first history."""
    differing = []
    for number, history in enumerate(histories, start=first):
        expected = reference(history)
        sql = found.get(harness.patient_key(patient_name(history, number)), [])
        if sql != expected:
            differing.append((len(history.rows), str(history), sql, expected))
    if differing:
        _, story, sql, expected = min(differing, key=lambda each: each[0])
        lines = "\n".join([story, *(f"  SQL       {a}" for a in sql), *(f"  reference {a}" for a in expected)])
        pytest.fail(f"{len(differing)} of {len(histories)} patients differ. The smallest:\n{lines}", pytrace=False)


def _course_responses(history: History, parameters: Mapping[str, str]) -> list[Answer]:
    rules = defaults.recist_rules(parameters)
    groups = time_points(readings(history), rules.tp_window_days)
    days = [reading.date for reading in groups[0]]
    baseline_pet = has_pet(history, min(days), max(days), rules.tp_window_days)
    return [
        (
            tp.label,
            tp.date,
            tp.sum_mm,
            tp.nadir_mm,
            tp.target,
            tp.nontarget,
            tp.new_lesion,
            tp.response,
            tp.course,
            tp.review,
            tp.last_evaluable,
        )
        for tp in responses(groups, rules, baseline_pet=baseline_pet)
    ]
