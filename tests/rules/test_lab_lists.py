"""The lists that laboratory results are read by agree with each other and with the bounds of the rule book."""

import re
from collections.abc import Iterable
from decimal import Decimal

import duckdb
import pytest

from tests.reference.tables import SEEDS, Row, read_csv
from tests.rules import harness

BOUNDS = read_csv(SEEDS / "ctcae_labs.csv")
BLOOD_PRESSURE = {"SBP", "DBP"}
THYROID_RULE = "TSH_FT4"


def seed(name: str) -> list[Row]:
    return read_csv(SEEDS / f"{name}.csv")


def compared(text: str) -> str:
    """A name or unit as the SQL compares it: lower case, micro as u, no spaces and hyphens."""
    return re.sub(r"[\s_-]+", "", text.lower().translate(str.maketrans("μµ×", "uux")))


def meanings(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """What each text means, texts that the SQL cannot tell apart together."""
    found: dict[str, set[str]] = {}
    for text, meaning in pairs:
        found.setdefault(compared(text), set()).add(meaning)
    return found


def test_no_name_means_two_tests() -> None:
    """A name that is written in the list means one test, however it is capitalised and spaced."""
    named = meanings((row["name"], row["test"]) for row in seed("lab_tests"))
    assert {name: tests for name, tests in named.items() if len(tests) > 1} == {}


def test_no_spelling_means_two_units() -> None:
    """A spelling in the list is one unit."""
    spelled = meanings((row["written"], row["unit"]) for row in seed("lab_units"))
    assert {written: units for written, units in spelled.items() if len(units) > 1} == {}


def test_every_graded_test_can_be_named_and_published() -> None:
    """Each test of ctcae_labs is found under its own code, and has a CDISC code unless it is a blood pressure."""
    graded = {row["test"] for row in BOUNDS} - {THYROID_RULE} | {"TSH", "FT4"}
    assert graded <= {row["test"] for row in seed("lab_tests") if row["name"] == row["test"]}
    assert graded - BLOOD_PRESSURE <= {row["test"] for row in seed("lab_parameters")}


def test_cdisc_codes_fit_the_standard() -> None:
    """PARAMCD has at most eight characters, letters and digits, and begins with a letter."""
    codes = [row["paramcd"] for row in seed("lab_parameters")]
    assert [code for code in codes if not re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", code)] == []


def test_names_of_published_results_are_read_back() -> None:
    """A result under the code or name of its ADLB parameter is read as the test that it was published as."""
    named = meanings((row["name"], row["test"]) for row in seed("lab_tests"))
    published = [(row[column], row["test"]) for row in seed("lab_parameters") for column in ("paramcd", "param")]
    assert [(name, test) for name, test in published if named.get(compared(name)) != {test}] == []


def test_every_unit_of_a_bound_is_its_own_unit() -> None:
    """A result in the unit of an absolute bound is taken as it is; every other factor leads to such a unit."""
    factors = {
        (row["test"], row["unit"]): (row["canonical_unit"], Decimal(row["factor"])) for row in seed("lab_unit_factors")
    }
    absolute = {(row["test"], row["canonical_unit"]) for row in BOUNDS if row["bound_basis"] == "ABS"}
    assert {key: factors.get(key) for key in absolute} == {(test, unit): (unit, Decimal(1)) for test, unit in absolute}
    led_to = {(test, unit) for (test, _), (unit, _) in factors.items() if test in {each for each, _ in absolute}}
    assert led_to <= absolute


def test_every_unit_with_a_factor_can_be_spelled() -> None:
    """No factor waits for a unit that no spelling yields."""
    assert {row["unit"] for row in seed("lab_unit_factors")} <= {row["unit"] for row in seed("lab_units")}


def test_terms_with_a_clinical_part_are_terms_of_the_bounds() -> None:
    """The list of worst-case terms names tests and terms as ctcae_labs does."""
    terms = {(row["test"], row["ctcae_term"]) for row in BOUNDS}
    assert {(row["test"], row["ctcae_term"]) for row in seed("ctcae_clinical_parts")} <= terms


@pytest.mark.parametrize(
    ("low", "high", "low_term", "high_term", "expected"),
    [
        ("3", "0", "'Hypokalemia'", "'Hyperkalemia'", "-3"),
        ("0", "2", "'Hypokalemia'", "'Hyperkalemia'", "2"),
        ("0", "0", "'Hypokalemia'", "'Hyperkalemia'", "0"),
        ("0", "null", "'Hypokalemia'", "'Hyperkalemia'", None),
        ("null", "4", "'Hypokalemia'", "'Hyperkalemia'", "4"),
        ("null", "0", "null", "'CPK increased'", "0"),
        ("2", "null", "'Anemia'", "null", "-2"),
        ("null", "null", "null", "null", None),
    ],
)
def test_atoxgr_joins_both_directions(low: str, high: str, low_term: str, high_term: str, expected: str | None) -> None:
    """ATOXGR is the low grade with a minus or the high grade; 0 only when no direction of the test is left open."""
    columns = "low, high, low_term, high_term"
    values = f"(values (cast({low} as integer), cast({high} as integer), {low_term}, {high_term}))"
    sql = harness.compiled("select {{ signed_grade('low', 'high', 'low_term', 'high_term') }} from grades")
    rows = duckdb.execute(f"with grades ({columns}) as {values} {sql}").fetchall()
    assert rows == [(expected,)]
