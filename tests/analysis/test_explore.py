"""What the page to explore answers: the report's numbers, and nothing about a few patients."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import duckdb
import pytest

from analysis import Place, Results, analyse
from analysis.explore.answer import Answer, answer
from analysis.explore.question import Condition, Question, read_question
from analysis.explore.studies import ReleasedStudy
from models.errors import BadInput
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build

PROTOCOL = """
[study]
id = "small_groups"
title = "Small groups"
[cutoff]
date = 2025-07-05
[index]
type = "diagnosis"
[[criteria]]
id = "I1"
kind = "inclusion"
label = "Diagnosed"
unknown_policy = "exclude"
conditions = [{ type = "index_found" }]
[[covariates]]
name = "sex"
label = "Sex"
type = "sex"
levels = [{ label = "Male", values = ["M"], reference = true }, { label = "Female", values = ["F"] }]
[[covariates]]
name = "stage"
label = "Stage"
type = "stage_group"
levels = [
  { label = "II", values = ["II"], reference = true },
  { label = "III", values = ["III"] },
  { label = "IV", values = ["IV"] },
]
[analysis]
endpoints = [{ paramcd = "OS", label = "Overall survival" }]
rate_months = [6, 12]
cox_endpoint = "OS"
[[variants]]
name = "another_rule"
label = "Another rule"
parameters = { combo_window_days = "14" }
"""


@dataclass(frozen=True)
class Asker:
    """Asks one study of one database."""

    connection: duckdb.DuckDBPyConnection
    study: ReleasedStudy

    def __call__(self, **choices: Any) -> Answer:
        study_id = self.study.protocol.study.id
        return answer(self.connection, self.study, Question(study_id, **{"variant": "primary", **choices}))


@pytest.fixture(scope="module")
def the87(marts: duckdb.DuckDBPyConnection, protocol: Protocol) -> Asker:
    return Asker(marts, ReleasedStudy(protocol, {"primary": PARAMETERS}))


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def asker(database: duckdb.DuckDBPyConnection, patients: Iterable[Patient], **changes: str) -> Asker:
    """Asks about these patients."""
    protocol = parse_protocol(PROTOCOL, "small_groups.toml")
    build(database, protocol, patients)
    parameters = {**PARAMETERS, **changes}
    return Asker(database, ReleasedStudy(protocol, {"primary": parameters, "another_rule": parameters}))


def group(name: str, size: int, stage: str | None = "II", sex: str = "M", censored: int = 10) -> list[Patient]:
    """Patients of one stage and sex who die, or are censored first, one every twenty days; every third responds."""
    return [
        Patient(
            f"{name}_{number}",
            {"stage": stage, "sex": sex},
            bor="PR" if number % 3 == 0 else "PD",
            times={"OS": (20 * (number + 1), number >= censored)},
        )
        for number in range(size)
    ]


def texts(found: Answer, level: str | None, analysis: str = "survival") -> dict[tuple[str, float | None], str | None]:
    """Words in the place of numbers, or None, by statistic and month, of one group."""
    place = next(one.place for one in found.groups if one.place.group_level == level)
    return {
        (row.statistic, row.time_months): row.value_text for row in found.results.of(replace(place, analysis=analysis))
    }


@pytest.mark.parametrize("endpoint", ["PFS", "OS"])
@pytest.mark.parametrize("groups", [None, "ecog", "prior_ici", "met_sites", "second_line"])
def test_every_number_is_the_report_s(the87: Asker, results: Results, endpoint: str, groups: str | None) -> None:
    """A number that stands in the report too has its id and its value there; medians, curves and P are among them."""
    printed = {row.ard_id: row for row in results.rows}
    found = the87(endpoint=endpoint, groups=groups)
    shared = [
        (row, printed[row.ard_id]) for row in found.results.rows if row.value is not None and row.ard_id in printed
    ]
    assert [row.value for row, _ in shared] == [row.value for _, row in shared]
    statistics = {row.statistic for row, _ in shared}
    assert {"n", "median", "median_lower", "rate", "survival", "at_risk"} <= statistics
    assert groups is None or "p_value" in statistics


def test_a_filter_answers_as_a_study_of_these_patients_alone(database: duckdb.DuckDBPyConnection) -> None:
    """Median, rates, log-rank and hazard ratio of the men are those of a study without women."""
    men = group("man_ii", 30) + group("man_iii", 25, stage="III", censored=5)
    women = group("woman_ii", 30, sex="F") + group("woman_iii", 30, stage="III", sex="F")
    found = asker(database, men + women)(endpoint="OS", groups="stage", conditions=(Condition("sex", "Male"),))
    with duckdb.connect() as alone:
        wanted_too = 'cox_univariate = ["stage"]\ncurves_by = ["stage"]\ncox_endpoint ='
        protocol = parse_protocol(PROTOCOL.replace("cox_endpoint =", wanted_too), "men.toml")
        build(alone, protocol, men)
        wanted = analyse(alone, protocol, PARAMETERS)
    ratio = Place("cox_univariate", "OS", variable="stage", variable_level="III")
    test = Place("logrank", "OS", "stage")
    level = Place("survival", "OS", "stage", "III")
    for place, statistic, time in (
        (ratio, "hr", None),
        (test, "p_value", None),
        (level, "median", None),
        (level, "rate", 6.0),
    ):
        assert found.results.number(place, statistic, time).value == wanted.number(place, statistic, time).value
    assert found.results.number(level, "n").ard_id != wanted.number(level, "n").ard_id


def test_a_small_group_is_withheld_and_takes_another_with_it(database: duckdb.DuckDBPyConnection) -> None:
    """Four of stage IV are '<5'; the smallest other stage is withheld, since the total minus the rest would tell."""
    found = asker(database, group("ii", 30) + group("iii", 25, "III") + group("iv", 4, "IV"))(
        endpoint="OS", groups="stage"
    )
    assert [texts(found, level)["n", None] for level in ("II", "III", "IV")] == [None, "withheld", "<5"]
    assert [one.place.group_level for one in found.drawn] == ["II"]
    assert found.results.number(Place("logrank", "OS", "stage"), "p_value").value_text == "withheld"
    assert {row.value_text for row in found.results.of(found.groups[2].place) if row.statistic != "n"} <= {
        "withheld",
        "–",
    }


def test_a_filter_that_leaves_out_a_few_is_withheld(database: duckdb.DuckDBPyConnection) -> None:
    """Only three women: the men's numbers beside everybody's would be the women's."""
    found = asker(database, group("man", 40) + group("woman", 3, sex="F"))(
        endpoint="OS", conditions=(Condition("sex", "Male"),)
    )
    assert found.is_withheld
    assert not found.drawn
    assert {row.value for row in found.results.rows} == {None}


def test_a_second_condition_that_leaves_out_a_few_is_withheld(database: duckdb.DuckDBPyConnection) -> None:
    """All men less those of stage II are three men, whom the two answers would give away together."""
    ask = asker(database, group("ii", 30) + group("iii", 3, "III") + group("woman", 30, "III", sex="F"))
    men, stage_ii = Condition("sex", "Male"), Condition("stage", "II")
    assert not ask(endpoint="OS", conditions=(men,)).is_withheld
    assert ask(endpoint="OS", conditions=(men, stage_ii)).is_withheld


def test_a_few_of_unknown_stage_withhold_a_stage(database: duckdb.DuckDBPyConnection) -> None:
    """Everybody minus all stages are those without one: one stage less is shown, and the page says that they exist."""
    found = asker(database, group("ii", 30) + group("iii", 25, "III") + group("unknown", 2, None))(
        endpoint="OS", groups="stage"
    )
    assert [texts(found, level)["n", None] for level in ("II", "III")] == [None, "withheld"]
    assert found.has_unplaced


@pytest.mark.parametrize(("size", "is_drawn"), [(9, False), (10, True)])
def test_a_curve_needs_ten_patients(database: duckdb.DuckDBPyConnection, size: int, is_drawn: bool) -> None:
    """Nine are counted and no more; ten have a curve and a median."""
    found = asker(database, group("ii", 40) + group("iii", size, "III", censored=0))(endpoint="OS", groups="stage")
    words = texts(found, "III")
    assert words["n", None] is None
    assert (found.groups[1] in found.drawn) is is_drawn
    assert (words["median", None] == "withheld") is not is_drawn
    assert found.is_compared is is_drawn


def test_a_curve_ends_where_fewer_than_five_are_at_risk(database: duckdb.DuckDBPyConnection) -> None:
    """Of twenty who die every twenty days the last step is day 320, after which four are left; rates end there too."""
    found = asker(database, group("ii", 20, censored=0))(endpoint="OS")
    steps = [row.time_months for row in found.results.of(Place("survival_curve", "OS"), "survival")]
    assert steps == pytest.approx([20 * number / 30.4375 for number in range(1, 17)])
    words = texts(found, None)
    assert words["rate", 6.0] is None
    assert words["rate", 12.0] == "too few at risk"


def test_an_end_of_an_interval_past_the_curve_is_not_shown(database: duckdb.DuckDBPyConnection) -> None:
    """Of twelve the median is day 130, between two steps; its upper limit comes after day 160, when four are left."""
    found = asker(database, group("ii", 12, censored=0))(endpoint="OS")
    assert found.results.number(Place("survival", "OS"), "median").value == pytest.approx(130 / 30.4375)
    assert texts(found, None)["median_upper", None] == "–"


def test_a_few_censored_withhold_the_number_of_events(database: duckdb.DuckDBPyConnection) -> None:
    """28 events of 30 patients would say that two had none; the curve has no ticks to count either."""
    found = asker(database, group("ii", 30, censored=2))(endpoint="OS")
    assert texts(found, None)["n_events", None] == "withheld"
    assert not list(found.results.of(Place("survival_curve", "OS"), "n_censored"))
    assert found.drawn


def test_a_few_events_withhold_the_curve(database: duckdb.DuckDBPyConnection) -> None:
    """Three events of 30 patients are '<5', and steps that could be counted are not drawn."""
    found = asker(database, group("ii", 30, censored=27))(endpoint="OS")
    assert texts(found, None)["n_events", None] == "<5"
    assert not found.drawn


def test_without_events_the_curve_is_drawn_and_its_median_not_reached(database: duckdb.DuckDBPyConnection) -> None:
    """No event is not a small number of events."""
    found = asker(database, group("ii", 30, censored=30))(endpoint="OS")
    assert texts(found, None)["median", None] == "not reached"
    assert found.results.number(Place("survival", "OS"), "n_events").value == 0
    assert found.drawn


def test_numbers_at_risk_of_one_group_do_not_follow_from_the_others(database: duckdb.DuckDBPyConnection) -> None:
    """Where one stage has fewer than five at risk, neither number is shown."""
    found = asker(database, group("ii", 40) + group("iii", 20, "III"))(endpoint="OS", groups="stage")
    few = [month for (name, month), text in texts(found, "III").items() if name == "at_risk" and text]
    assert few
    assert all(
        texts(found, "II")["at_risk", month]
        for month in few
        if found.results.number(found.groups[0].place, "at_risk", month).value != 0
    )


def test_a_few_responders_are_withheld_in_every_group(database: duckdb.DuckDBPyConnection) -> None:
    """Three responders of stage III would follow from everybody's responders less those of stage II."""
    found = asker(database, group("ii", 40) + group("iii", 9, "III"))(endpoint="OS", groups="stage")
    rates = [found.results.number(one.responses["orr"], "n").value_text for one in found.groups[:2]]
    assert rates == ["withheld", "withheld"]
    assert found.results.number(found.groups[0].responses["orr"], "pct").value is None


def test_nobody_is_said_to_be_nobody(database: duckdb.DuckDBPyConnection) -> None:
    """Zero is shown: there are no women of stage III."""
    ask = asker(database, group("ii", 30) + group("iii", 30, "III") + group("woman", 30, sex="F"))
    found = ask(endpoint="OS", conditions=(Condition("sex", "Female"), Condition("stage", "III")))
    assert found.has_nobody
    assert texts(found, None)["median", None] == "no patients"


def test_a_study_without_patients_is_answered(database: duckdb.DuckDBPyConnection) -> None:
    """Nobody at all: neither numbers nor a crash, alone or by group."""
    ask = asker(database, [])
    assert ask(endpoint="OS").has_nobody
    assert ask(endpoint="OS", groups="stage").has_nobody


def _another_rule(database: duckdb.DuckDBPyConnection, leaving: int) -> None:
    """The variant has everybody but the last patients of the primary analysis."""
    for mart in ("study_cohort", "covariates", "best_response", "survival_times"):
        database.execute(
            f"insert into marts.{mart} select * replace ('another_rule' as variant) from marts.{mart} "
            "where patient_key not in (select unnest(list(patient_key order by patient_key desc)[:?]) "
            "from marts.study_cohort where variant = 'primary') and variant = 'primary'",
            [leaving],
        )


@pytest.mark.parametrize(("leaving", "is_withheld"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_variant_that_moves_a_few_is_withheld(
    database: duckdb.DuckDBPyConnection, leaving: int, is_withheld: bool
) -> None:
    """The difference to the primary analysis would be these patients; nobody or five of them may be."""
    ask = asker(database, group("ii", 40))
    _another_rule(database, leaving)
    assert ask(endpoint="OS", variant="another_rule").is_withheld is is_withheld
    assert not ask(endpoint="OS").is_withheld


def test_a_study_may_set_the_smallest_count_itself(database: duckdb.DuckDBPyConnection) -> None:
    """Under suppress_k = 11 a group of ten is withheld, which under 5 is shown."""
    patients = group("ii", 40) + group("iii", 10, "III", censored=0) + group("iv", 30, "IV")
    found = asker(database, patients, suppress_k="11")(endpoint="OS", groups="stage")
    assert texts(found, "III")["n", None] == "<11"


def test_an_answer_holds_no_patient_and_no_count_behind_a_number(the87: Asker) -> None:
    """Rows carry neither a key nor the patients and events behind them, which may be withheld counts."""
    found = the87(endpoint="OS", groups="prior_ici")
    keys = {patient for (patient,) in the87.connection.execute("select patient_key from marts.study_cohort").fetchall()}
    cells = {str(value) for row in found.results.table.to_pylist() for value in row.values()}
    assert not keys & cells
    assert {(row.n, row.events) for row in found.results.rows} == {(None, None)}


STUDY = "anlotinib_pd1_escc"


@pytest.mark.parametrize(
    "question",
    [
        Question(STUDY, "primary", "PFS"),
        Question(STUDY, "sd_56", "OS", "pd1_agent"),
        Question(STUDY, "primary", "OS", None, (Condition("age", "≤ 63"), Condition("ecog", "1–2"))),
    ],
)
def test_an_address_holds_the_whole_question(protocol: Protocol, question: Question) -> None:
    """What is shared as an address is read back as the same question."""
    assert read_question(parse_qsl(question.address), {STUDY: ReleasedStudy(protocol, {})}) == question


def test_a_condition_may_be_added_in_any_order(protocol: Protocol) -> None:
    """Conditions are put in the protocol's order, so that one selection has one address; empty choices are none."""
    choices = [("where.ecog", "0"), ("add", "age:> 63"), ("by", ""), ("endpoint", "OS")]
    found = read_question(choices, {STUDY: ReleasedStudy(protocol, {})})
    assert found == Question(STUDY, "primary", "OS", None, (Condition("age", "> 63"), Condition("ecog", "0")))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"study": "another"}, "There is no study 'another' here; there are: anlotinib_pd1_escc."),
        ({"variant": "lenient"}, "There is no variant 'lenient' here"),
        ({"endpoint": "OS; drop table x"}, "There is no endpoint 'OS; drop table x' here; there are: PFS, OS."),
        ({"by": "patient_key"}, "There is no covariate 'patient_key' with levels here"),
        ({"where.ecog": "7"}, "There is no level of ecog '7' here; there are: 0, 1–2."),
        ({"where.name": "x"}, "There is no covariate 'name' with levels here"),
        ({"add": "ecog"}, "There is no level of ecog '' here"),
        ({"order": "n"}, "There is nothing to choose by the name of 'order'."),
        ({"by": "ecog", "where.ecog": "0"}, "cannot be chosen by one level of ecog and compared by it"),
        ({"where.ecog": "0", "add": "ecog:1–2"}, "ecog is chosen twice."),
        (
            {"where.ecog": "0", "where.sex": "Male", "where.prior_ici": "Yes", "where.prior_surgery": "Yes"},
            "A filter may hold 3 conditions; this one holds 4.",
        ),
    ],
)
def test_what_the_protocol_does_not_name_is_refused(protocol: Protocol, choices: dict[str, str], words: str) -> None:
    """The message says what there is instead."""
    with pytest.raises(BadInput) as refused:
        read_question(choices.items(), {STUDY: ReleasedStudy(protocol, {})})
    assert words in str(refused.value)


def test_a_choice_made_twice_is_refused(protocol: Protocol) -> None:
    """Two endpoints in one address are one too many."""
    with pytest.raises(BadInput, match="endpoint is chosen twice"):
        read_question([("endpoint", "OS"), ("endpoint", "PFS")], {STUDY: ReleasedStudy(protocol, {})})
