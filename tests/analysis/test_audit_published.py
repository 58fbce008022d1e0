"""The audit of published tables: the paper behind the first study, and what the file of one may say."""

from pathlib import Path

import pytest

from analysis.audit import Finding, Rule, TableAudit, TableFileError, audit_table, parse_table

UNIVARIATE, MULTIVARIABLE = "Table 2: univariate", "Table 2: multivariable"


@pytest.fixture(scope="module")
def paper(root: Path) -> TableAudit:
    """The audit of the worked example."""
    file = root / "docs" / "examples" / "anlotinib_pd1_escc_paper.toml"
    return audit_table(parse_table(file.read_text(encoding="utf-8"), file.name))


def of(paper: TableAudit, rule: Rule, place: str = "") -> dict[str, Finding]:
    return {
        finding.entry: finding for finding in paper.findings if finding.conflict.rule is rule and place in finding.place
    }


@pytest.mark.parametrize(
    ("conflict", "rule", "entry", "says"),
    [
        ("A1", Rule.ONE_VALUE, "median DoR, lower", "2.3 in Abstract; 3.4 in"),
        ("A1", Rule.ONE_VALUE, "median DoR, upper", "10.9 in Abstract; 10.4 in"),
        ("A2", Rule.PERCENTAGE, "ORR", "19 of 82 is 23.2%, printed 21.8%; 19 of 87 (all) would give it"),
        ("A3", Rule.ONE_VALUE, "12-month OS", "46.5 in Discussion"),
        ("A4", Rule.ONE_VALUE, "12-month PFS", "A crude fraction"),
        ("A5", Rule.ONE_VALUE, "pneumonia, grade >= 3", "4 in Table 3; 0 in Discussion"),
        ("A6", Rule.RANKING, "most common TRAEs of grade 3 or higher", "leaves out hypothyroidism, grade >= 3 (2)"),
        ("A7", Rule.PERCENTAGE, "hypertension, grade 1-2", "33 of 87 is 37.9%, printed 38.0%"),
        ("A7", Rule.PERCENTAGE, "anaemia, grade 1-2", "35 of 87 is 40.2%, printed 40.3%"),
        ("A7", Rule.PERCENTAGE, "oral mucositis, grade >= 3", "1 of 87 is 1.1%"),
        ("A8", Rule.CENTRE, "HR of OS, ECOG 0", "the square root of 0.26 x 0.85 is"),
        ("A8", Rule.P_VALUE, "HR of OS, ECOG 0", "printed 0.011"),
        ("A9", Rule.LEVELS, "HR of OS, primary site", "3 levels"),
        ("A9", Rule.LEVELS, "HR of OS, PD-1 antibody", "3 levels"),
        ("A10", Rule.ONE_VALUE, "regimen as third line", "57.5 in Results: characteristics; 32.2 in Table 1"),
        ("A11", Rule.PERCENTAGE, "ORR, ICI-naive", "no count of 21 gives 24.1%"),
        ("A12", Rule.PRODUCT, "median duration of treatment in days and in cycles", "6 x 21"),
        ("A13", Rule.FOLLOW_UP, "median follow-up", "were 9.5 a reverse Kaplan-Meier median"),
        ("A15", Rule.ONE_CONVENTION, "median OS, tislelizumab", "11.5 is not the middle of 8.6 to 20.1"),
    ],
)
def test_the_conflicts_of_the_rule_book_are_found(
    paper: TableAudit, conflict: str, rule: Rule, entry: str, says: str
) -> None:
    """Each conflict of appendix A that arithmetic can find is found, with its arithmetic; A14 and A16 hold no sum."""
    assert entry in of(paper, rule), conflict
    assert any(
        says in finding.conflict.arithmetic
        for finding in paper.findings
        if (finding.entry, finding.conflict.rule) == (entry, rule)
    ), conflict


def test_hazard_ratios_are_off_their_intervals_in_13_of_14_rows(paper: TableAudit) -> None:
    """Ten are more than 5% off (DQ078); with rounding as the only excuse, all but that of the PD-1 antibody are."""
    assert len(of(paper, Rule.CENTRE, UNIVARIATE)) == 10
    assert len(of(paper, Rule.CENTRE, MULTIVARIABLE)) == 3
    assert "HR of OS, PD-1 antibody" not in of(paper, Rule.CENTRE)


def test_six_intervals_are_narrower_than_59_deaths_allow(paper: TableAudit) -> None:
    """Age, sex, surgery, line, radiotherapy and dose; those of one ratio for three levels are left alone."""
    assert set(of(paper, Rule.WIDTH)) == {
        f"HR of OS, {name}"
        for name in ("older than 63", "male", "prior surgery", "second line", "radiotherapy", "anlotinib 12 mg")
    }


def test_no_printed_p_value_fits_its_binary_hazard_ratio(paper: TableAudit) -> None:
    """All twelve P values of Table 2 are below what 59 deaths allow and disagree with their interval; PFS's is not."""
    for rule in (Rule.P_FLOOR, Rule.P_VALUE):
        assert len(of(paper, rule, UNIVARIATE)) == 9
        assert len(of(paper, rule, MULTIVARIABLE)) == 3
        assert "HR of PFS, prior ICI" not in of(paper, rule)


def test_a_duration_of_response_has_a_limit_that_its_own_curve_excludes(paper: TableAudit) -> None:
    """The band is at 57.5% after 12 months, so that the median's upper limit cannot be 10.4 months."""
    assert set(of(paper, Rule.MEDIAN_LIMIT)) == {"median DoR"}
    assert {finding.place for finding in paper.findings if finding.conflict.rule is Rule.MEDIAN_LIMIT} == {
        "Results: response",
        "Figure 4",
    }


def test_nothing_else_is_called_a_conflict(paper: TableAudit) -> None:
    """The tie-outs hold: sums, intervals of proportions and rates, maturities, symmetric medians, other studies."""
    for rule in (Rule.SUM, Rule.AT_MOST, Rule.INSIDE, Rule.PROPORTION_INTERVAL, Rule.RATE_INTERVAL, Rule.RATE_WIDTH):
        assert not of(paper, rule)
    assert not of(paper, Rule.MEDIAN)
    assert set(of(paper, Rule.PERCENTAGE)) == {
        "ORR",
        "ORR, ICI-naive",
        "hypertension, grade 1-2",
        "anaemia, grade 1-2",
        "oral mucositis, grade >= 3",
    }
    assert set(of(paper, Rule.ONE_VALUE)) == {
        "median DoR, lower",
        "median DoR, upper",
        "12-month OS",
        "12-month PFS",
        "pneumonia, grade >= 3",
        "regimen as third line",
        "patients evaluable for response",
    }
    assert set(of(paper, Rule.ONE_CONVENTION)) == {"median DoR", "median OS, tislelizumab"}
    assert len(of(paper, Rule.PRODUCT)) == len(of(paper, Rule.RANKING)) == len(of(paper, Rule.FOLLOW_UP)) == 1


def table(entries: str) -> str:
    head = '[publication]\ntitle = "A table"\nsource = "nowhere"\n[totals]\nall = 40\n[[places]]\nname = "Table 1"\n'
    return head + entries


def test_a_table_without_conflicts_has_no_findings() -> None:
    """Counts, a ratio with its interval and P value, a median and a rate that fit each other pass every check."""
    audited = audit_table(
        parse_table(
            table(
                'proportions = [{ quantity = "men", count = 30, total = "all", percent = 75.0 },'
                ' { quantity = "women", count = 10, total = "all", percent = 25.0 }]\n'
                'hazard_ratios = [{ quantity = "sex", ratio = 0.50, lower = 0.25, upper = 1.00, p = 0.050,'
                ' p_test = "wald", events = 36 }]\n'
                'medians = [{ quantity = "OS", median = 10.0, lower = 8.0, upper = "not reached", curve = "OS" }]\n'
                'rates = [{ quantity = "OS at 6", months = 6, percent = 60, curve = "OS", n = 40 }]\n'
                'sums = [{ what = "sex", parts = ["men", "women"], total = "all" }]'
            ),
            "table.toml",
        )
    )
    assert audited.findings == ()
    assert audited.n_checks > 8


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        ("count = 41, percent = 75.0", Rule.AT_MOST),
        ("percent = 75.0, lower = 58.8, upper = 87.3", None),
        ("percent = 75.0, lower = 58.8, upper = 80.0", Rule.PROPORTION_INTERVAL),
        ("percent = 75.0, lower = 76.0, upper = 87.3", Rule.INSIDE),
        ("percent = 76.0", Rule.PERCENTAGE),
    ],
)
def test_a_proportion_is_checked_with_what_is_printed_of_it(entry: str, rule: Rule | None) -> None:
    """Of 40: a count above the total, the interval of the one count that 75.0% can be (58.8 to 87.3), no such count."""
    printed = f'proportions = [{{ quantity = "men", total = "all", {entry} }}]'
    rules = {finding.conflict.rule for finding in audit_table(parse_table(table(printed), "table.toml")).findings}
    assert (rule in rules) if rule else not rules


@pytest.mark.parametrize(
    ("entries", "place", "fault"),
    [
        (
            'mentions = [{ quantity = "n", value = "many" }]',
            'places "Table 1", mentions "n", value',
            "'many' is not a number",
        ),
        ('mentions = [{ quantity = "n", count = 4.5 }]', 'places "Table 1", mentions "n", count', "whole number"),
        (
            'proportions = [{ quantity = "men", total = "all" }]',
            'places "Table 1", proportions "men"',
            "needs a count or a percent",
        ),
        ('proportions = [{ quantity = "men", count = 3, total = "boys" }]', "the file", "defines 'boys'"),
        ('sums = [{ what = "sex", parts = ["men", "women"], total = "all" }]', "the file", "defines 'men', 'women'"),
        ('proportions = [{ quantity = "men", counts = 3 }]', 'proportions "men", counts', "Extra inputs"),
        (
            'medians = [{ quantity = "OS", median = 5.0, lower = 7.0, upper = 3.0 }]',
            'medians "OS"',
            "lower 7.0 is above upper 3.0; are they exchanged?",
        ),
        ("proportions = [", "table.toml", "is not valid TOML"),
    ],
)
def test_a_faulty_file_is_refused_with_the_place_of_the_fault(entries: str, place: str, fault: str) -> None:
    """The message names the file, the entry and what is wrong with it."""
    with pytest.raises(TableFileError) as refused:
        parse_table(table(entries), "table.toml")
    for words in ("table.toml", place, fault):
        assert words in str(refused.value)
