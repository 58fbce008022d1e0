"""The audit of a study's own results: the 87 patients pass it, and each falsified number is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from analysis import Place, Results, Row
from analysis.ard import Recorder
from analysis.audit import Rule, audit

Change = Callable[[Row], bool]


def found_in(results: Results, is_meant: Change, by: float = 1.0) -> list[tuple[str, str, Rule]]:
    """Place, entry and rule of each finding after the first number that is meant was raised."""
    row = next(row for row in results.rows if is_meant(row) and row.value is not None)
    changed = tuple(replace(row, value=(row.value or 0) + by) if one is row else one for one in results.rows)
    findings = audit(Results(results.study_id, results.variant, changed)).findings
    return [(finding.place, finding.entry, finding.conflict.rule) for finding in findings]


def at(analysis: str, statistic: str, **where: object) -> Change:
    """Rows of an analysis and statistic whose further columns have these values."""
    return lambda row: (
        (row.analysis, row.statistic) == (analysis, statistic)
        and all(getattr(row, name) == value for name, value in where.items())
    )


def with_row(results: Results, place: Place, statistic: str, *values: float) -> Results:
    """The results with one more number (at levels 0, 1, … of the place where there are several)."""
    record = Recorder(results.study_id, results.variant)
    for level, value in enumerate(values):
        record.add(
            replace(place, variable_level=str(level)) if len(values) > 1 else place, statistic, value, source="x"
        )
    return Results(results.study_id, results.variant, (*results.rows, *record.results().rows))


def test_a_study_s_own_numbers_hold(results: Results) -> None:
    """Nothing contradicts itself, and the checks of the rule book looked at each kind of number."""
    audited = audit(results)
    assert audited.findings == ()
    looked = {count.check_id: count.n_rows for count in audited.counts}
    assert looked["DQ078"] > 10
    assert looked["DQ079"] > 40
    assert looked["DQ080"] > len({"patients", "responders", "events of PFS", "events of OS"})


@pytest.mark.parametrize(
    ("meant", "by", "rule"),
    [
        (at("centres", "n"), 1, Rule.ONE_VALUE),
        (at("centres", "n_events", endpoint="OS"), 1, Rule.ONE_VALUE),
        (at("response", "n", variable="orr"), 1, Rule.ONE_VALUE),
        (at("response", "n", variable_level="SD"), 1, Rule.SUM),
        (at("response", "pct", variable="dcr"), 0.1, Rule.PERCENTAGE),
        (at("response", "pct_lower", variable="dcr"), 0.1, Rule.PROPORTION_INTERVAL),
        (at("table_one", "n", variable="ecog"), 1, Rule.SUM),
        (at("table_one", "pct", variable="sex"), 0.1, Rule.PERCENTAGE),
        (at("attrition", "n_left"), 1, Rule.SUM),
        (at("survival", "at_risk", endpoint="OS", group_name=None), 1, Rule.SUM),
        (at("survival", "n", endpoint="PFS", group_name="ecog"), 1, Rule.SUM),
        (at("survival", "n_events", endpoint="OS", group_name="ecog"), 1, Rule.SUM),
        (at("survival", "rate", endpoint="PFS", group_name=None), 0.5, Rule.ONE_VALUE),
        (at("survival", "rate_upper", endpoint="PFS", group_name=None), 5.0, Rule.RATE_INTERVAL),
        (at("survival", "median", endpoint="OS", group_name=None), 1.0, Rule.MEDIAN),
        (at("survival", "median_upper", endpoint="OS", group_name=None), 2.0, Rule.MEDIAN_LIMIT),
        (at("survival_curve", "n_censored", endpoint="OS"), 1, Rule.SUM),
        (at("cox_univariate", "hr"), 0.1, Rule.CENTRE),
        (at("cox_univariate", "hr_upper"), -0.3, Rule.CENTRE),
        (at("cox_multivariable", "p_value"), 0.01, Rule.P_VALUE),
        (at("cox_multivariable", "n_events", variable="ecog"), 1, Rule.SUM),
        (at("logrank", "p_value"), 1.0, Rule.INSIDE),
        (at("identities", "n_pfs_after_os"), 1, Rule.AT_MOST),
    ],
)
def test_a_falsified_number_is_named(results: Results, meant: Change, by: float, rule: Rule) -> None:
    """One number changed is found under its rule, at its analysis."""
    row = next(row for row in results.rows if meant(row))
    found = found_in(results, meant, by)
    assert rule in {broken for _, _, broken in found}, found
    assert any(row.analysis.removesuffix("_curve") in place or rule is Rule.ONE_VALUE for place, _, _ in found)


def test_a_death_is_an_event_of_progression_free_survival_where_no_rule_censors_it(results: Results) -> None:
    """More deaths than events of PFS cannot be under treatment policy; a regulatory censoring may make it so."""
    fewer = found_in(results, at("survival", "n_events", endpoint="PFS", group_name=None), -20)
    assert ("identities/PFS", "events", Rule.AT_MOST) in fewer
    ruled = tuple(replace(row, value=3.0) if row.statistic == "n_censored_by_rule" else row for row in results.rows)
    fewer = found_in(Results(results.study_id, results.variant, ruled), at("survival", "n_events", endpoint="PFS"), -20)
    assert ("identities/PFS", "events", Rule.AT_MOST) not in fewer


@pytest.mark.parametrize(
    ("place", "statistic", "right", "wrong"),
    [
        (Place("disposition", variable="disposition"), "n", (11, 63, 7, 6), (11, 63, 7, 5)),
        (Place("adverse_events"), "n_safety", (87,), (86,)),
        (Place("survival", "DOR"), "n", (19,), (18,)),
    ],
    ids=["disposition", "safety population", "duration of response"],
)
def test_what_another_analysis_counts_is_held_against_the_rest(
    results: Results, place: Place, statistic: str, right: tuple[float, ...], wrong: tuple[float, ...]
) -> None:
    """Dispositions add up to the 87, all of them are in the safety population, and 19 responders have a duration."""
    others = tuple(row for row in results.rows if (row.analysis, row.endpoint) != (place.analysis, place.endpoint))
    without = Results(results.study_id, results.variant, others) if place.analysis != "survival" else results
    bare = Results(
        results.study_id,
        results.variant,
        tuple(row for row in without.rows if not (row.analysis == "survival" and row.endpoint == "DOR")),
    )
    assert audit(with_row(bare, place, statistic, *right)).findings == ()
    assert audit(with_row(bare, place, statistic, *wrong)).findings


def test_a_withheld_count_is_not_taken_for_none(results: Results) -> None:
    """Where disclosure control hides a centre's patients, their sum is not held against the study's."""
    first = next(row for row in results.rows if (row.analysis, row.statistic) == ("centres", "n"))
    small = replace(first, ard_id="small", group_level="hospital_b", value=None, value_text="<5")
    fewer = tuple(replace(row, value=83.0) if row is first else row for row in results.rows)
    assert audit(Results(results.study_id, results.variant, (*fewer, small))).findings == ()


def test_a_finding_names_place_numbers_and_rule(results: Results) -> None:
    """What a maintainer reads: where, what was added up, and which rule it breaks."""
    changed = tuple(
        replace(row, value=44.0) if row.variable_level == "SD" and row.statistic == "n" else row for row in results.rows
    )
    messages = [str(finding) for finding in audit(Results(results.study_id, results.variant, changed)).findings]
    assert (
        "response/bor, categories and patients: 0 + 19 + 44 + 0 + 18 + 5 + 0 = 86, printed 87. "
        "Rule: parts add up to their total (R9.10)."
    ) in messages
