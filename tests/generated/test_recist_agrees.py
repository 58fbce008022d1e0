"""The shipped SQL against the reference on tumour response: thousands of lesion histories in one run of the SQL."""

from collections.abc import Mapping

import pytest

from tests.generated.comparison import lake_of, patient_name
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.histories import EXTRACTED, History
from tests.generated.lesions import has_pet, lesion_histories, readings
from tests.reference import defaults
from tests.reference.recist import responses, time_points
from tests.reference.tables import default_parameters
from tests.rules import harness

PATIENTS = 3000
OTHER_PARAMETERS = {
    "tp_window_days": "21",
    "tstm_mm": "4",
    "node_normal_mm": "9",
    "pd_increase_percent": "25",
    "pd_increase_mm": "4",
    "pr_decrease_percent": "50",
}
COLUMNS = """
    tp_label, response_date, sum_mm, nadir_mm, target_response, nontarget_response, new_lesion, tp_response,
    course_response, coalesce(review, '')
"""
Answers = Mapping[str, list[tuple[object, ...]]]


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return drawn(lesion_histories(), patients_wanted(PATIENTS))


@pytest.mark.parametrize("overrides", [{}, OTHER_PARAMETERS], ids=["defaults", "other_parameters"])
def test_sql_and_reference_agree_on_tumour_response(histories: list[History], overrides: Mapping[str, str]) -> None:
    """Sums, nadirs, responses, dates and reviews of every drawn patient are the same in both readings of R5."""
    found = _from_sql(histories, overrides)
    differing = []
    for number, history in enumerate(histories):
        expected = _from_reference(history, overrides)
        answers = found.get(harness.patient_key(patient_name(history, number)), [])
        if answers != expected:
            differing.append((len(history.rows), str(history), answers, expected))
    if differing:
        _, story, sql, reference = min(differing, key=lambda each: each[0])
        lines = "\n".join([story, *(f"  SQL       {a}" for a in sql), *(f"  reference {a}" for a in reference)])
        pytest.fail(f"{len(differing)} of {len(histories)} patients differ. The smallest:\n{lines}", pytrace=False)


def _from_sql(histories: list[History], overrides: Mapping[str, str]) -> Answers:
    study = harness.protocol(overrides)
    connection = harness.run_models(
        "+int_course_responses", lake=lake_of(histories), protocols=[study], extract_date=EXTRACTED
    )
    query = f"""
        select patient_key, {COLUMNS} from intermediate.int_course_responses
        where not is_baseline order by patient_key, tp_no
    """
    answers: dict[str, list[tuple[object, ...]]] = {}
    for patient_key, *answer in connection.execute(query).fetchall():
        answers.setdefault(patient_key, []).append(tuple(answer))
    return answers


def _from_reference(history: History, overrides: Mapping[str, str]) -> list[tuple[object, ...]]:
    rules = defaults.recist_rules({**default_parameters(), **overrides})
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
        )
        for tp in responses(groups, rules, baseline_pet=baseline_pet)
    ]
