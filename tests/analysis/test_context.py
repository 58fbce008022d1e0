"""Published cohorts beside the study: what they printed stays as printed, intervals only where counts are known."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from analysis import Place, Results
from analysis.ard import Recorder
from analysis.estimates.context import analyse_context, cohort_place, implied_count
from models.errors import ConfigError
from models.protocol import Protocol, parse_protocol

HONG = "Hong 2025: anlotinib + PD-1 blockade"


def listed(root: Path, **changes: object) -> Results:
    """The analysis of one listed cohort, Hong 2025 with some fields changed (None leaves a field out)."""
    text = (root / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8")
    content = tomllib.loads(text)
    cohort = {**content["context"][0], **changes}
    content["context"] = [{name: value for name, value in cohort.items() if value is not None}]
    protocol = Protocol.model_validate(content)
    record = Recorder(protocol.study.id, "primary")
    analyse_context(protocol, record)
    return record.results()


@pytest.mark.parametrize(
    ("percent", "n", "count"),
    [("19.1", 110, 21), ("31.0", 29, 9), ("86.2", 29, 25), ("10.2", 49, 5), ("69.4", 49, 34), ("50", 1000, None)],
)
def test_a_percentage_and_n_leave_one_count_or_none(percent: str, n: int, count: int | None) -> None:
    """21 of 110 is the only 19.1%; ten counts of 1,000 print as 50%."""
    assert implied_count(Decimal(percent), n) == count


def test_a_percentage_that_no_count_gives_implies_none() -> None:
    """24.1% of 21 patients is nobody's count: 5 are 23.8% and 6 are 28.6%."""
    assert implied_count(Decimal("24.1"), 21) is None


def test_an_interval_is_computed_from_the_count(root: Path) -> None:
    """21 of 110: exact limits 12.2 and 27.7 (R: binom.test(21, 110))."""
    results = listed(root)
    place = cohort_place(HONG, "orr")
    found = [results.number(place, name).value for name in ("n", "total", "pct_lower", "pct_upper")]
    assert found[:2] == [21, 110]
    assert found[2:] == pytest.approx([12.2, 27.7], abs=0.05)
    assert "implied" in (results.number(place, "pct").method or "")


def test_without_a_count_the_percentage_stands_alone(root: Path) -> None:
    """A cohort of unknown size keeps its printed 19.1% and gets no interval."""
    results = listed(root, n=None)
    place = cohort_place(HONG, "orr")
    assert results.number(place, "pct").value == 19.1
    assert not results.has(place, "pct_lower")
    assert results.number(cohort_place(HONG), "n").value_text == "not printed"


def test_a_count_that_is_not_the_printed_percentage_is_refused(root: Path) -> None:
    """22 of 110 is 20.0%: a slip of the pen in the protocol does not become a figure."""
    with pytest.raises(ValueError, match=r"22 of 110 is not the printed 19\.1%"):
        listed(root, responders=22)


def test_responders_need_an_n(root: Path) -> None:
    """Nobody can compute an interval from 21 of nobody knows how many."""
    with pytest.raises(ValueError, match="responders = 21 needs an n"):
        listed(root, responders=21, n=None)


def test_a_cohort_listed_twice_is_refused(root: Path) -> None:
    """Two rows of one name and treatment would be one place in the results."""
    text = (root / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match=r"published cohort .*Hong 2025.* is defined twice"):
        parse_protocol(text + text[text.index("[[context]]") :], "twice.toml")


def test_the_study_stands_beside_them_in_print(results: Results, report: Path) -> None:
    """Own and published response rates are in one table; the caveat and every source are under it."""
    table = (report.parent / "tables" / "table_context.csv").read_text(encoding="utf-8-sig")
    own, hong = (next(line for line in table.splitlines() if line.startswith(name)) for name in ("This study", HONG))
    assert "21.8 (13.7 to 32.0)" in own
    assert "19.1 (12.2 to 27.7)" in hong
    page = report.read_text(encoding="utf-8")
    assert "no comparison is adjusted and nothing is pooled" in page
    assert "Zhu et al. 2025 (reference 17)" in page
    assert results.number(Place("response", variable="orr"), "n").value == 19
