"""Competing risks in the report: what ends a time, who is censored, and that causes add up."""

from pathlib import Path

import pytest

from analysis import Place, Results
from analysis.estimates.incidence import CAUSE, GRAY, INCIDENCE
from tests.analysis.regression_studies import analysed, person, printed, protocol_with

EVENT, COMPETING, CENSORED = 0, 9, 1


def cohort(size: int) -> list[str]:
    return [f"patient_{number}" for number in range(size)]


def followed(codes: list[int]) -> Results:
    """One patient a code, each ending thirty days after the one before."""
    keys = cohort(len(codes))
    patients = [person(key, 2000, died=False, drug="Yes" if place % 2 else "No") for place, key in enumerate(keys)]
    times = [(key, 30 * (place + 1), code) for place, (key, code) in enumerate(zip(keys, codes, strict=True))]
    return analysed(patients, protocol_with(), progressions=times)


def rate(results: Results, endpoint: str, cause: str, statistic: str = "incidence") -> float | None:
    place = Place(INCIDENCE, endpoint, variable=CAUSE, variable_level=cause)
    return results.number(place, statistic, 12.0).value


def test_progression_and_death_first_add_up_to_everybody_when_nobody_is_censored() -> None:
    """Twelve events within a year, nine progressions and three deaths: nine and three thirteenths."""
    codes = [EVENT, EVENT, COMPETING, EVENT] * 3
    results = followed([*codes, CENSORED])
    # The thirteenth is censored after a year, so that the year is reached; until then all thirteen are at risk.
    found = [rate(results, "TTP", cause) or 0 for cause in ("EVENT", "DEATH_FIRST")]
    assert found == pytest.approx([100 * 9 / 13, 100 * 3 / 13])
    lower, upper = (rate(results, "TTP", "EVENT", name) or 0 for name in ("incidence_lower", "incidence_upper"))
    assert 0 < lower < found[0] < upper < 100


def test_a_death_before_progression_is_no_censoring() -> None:
    """Had death first been censored, progression would seem more frequent than it is."""
    half = followed([EVENT, COMPETING] * 6 + [CENSORED])
    assert rate(half, "TTP", "EVENT") == pytest.approx(100 * 6 / 13)


def test_nothing_is_said_past_the_longest_follow_up() -> None:
    """Followed for half a year: the incidence at a year is a word."""
    results = followed([EVENT, COMPETING, CENSORED, EVENT, EVENT, CENSORED])
    place = Place(INCIDENCE, "TTP", variable=CAUSE, variable_level="EVENT")
    assert results.number(place, "incidence", 12.0).value_text == "not reached"


def test_who_goes_on_or_is_lost_has_not_stopped_for_a_reason() -> None:
    """Reasons that occur are causes; ongoing and lost are censored, and never-treated patients are not counted."""
    keys = cohort(6)
    reasons = ["PD", "AE", "ONGOING", "LOST", "PD", "PD"]
    stops = [(key, reason, float(place + 1)) for place, (key, reason) in enumerate(zip(keys, reasons, strict=True))]
    results = analysed([person(key, 900, died=False) for key in [*keys, "never_treated"]], protocol_with(), stops=stops)
    place = Place(INCIDENCE, "TTD")
    assert [results.number(place, name).value for name in ("n", "n_censored")] == [6, 2]
    events = {
        at.variable_level: results.number(at, "n_events").value
        for at in results.places(INCIDENCE, CAUSE)
        if at.endpoint == "TTD" and at.group_name is None
    }
    assert events == {"PD": 3, "AE": 1}


def test_groups_are_compared_by_gray_s_test_and_drawn(tmp_path: Path) -> None:
    """The first covariate whose curves the study compares has a P value for each cause, and figures."""
    results = followed([EVENT, EVENT, COMPETING, COMPETING] * 6)
    for cause in ("EVENT", "DEATH_FIRST"):
        found = results.number(Place(GRAY, "TTP", "drug", variable=CAUSE, variable_level=cause), "p_value")
        assert found.value is not None
        assert 0 < found.value <= 1
    page = printed(results, protocol_with(), tmp_path)
    for name in ("incidence_ttp", "incidence_ttp_by_drug", "table_incidence_ttp"):
        assert f'id="{name}"' in page
    assert "Progression" in page


def test_an_endpoint_without_times_has_no_section(tmp_path: Path) -> None:
    """Nobody has a time to progression and nobody was treated: the report goes without."""
    protocol = protocol_with()
    results = analysed([person("alone", 900, died=False)], protocol)
    assert 'id="incidence"' not in printed(results, protocol, tmp_path)
