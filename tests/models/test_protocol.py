import csv
from pathlib import Path

import pytest

from models.errors import ConfigError
from models.parameters import ParameterBook, closure, family_of
from models.protocol import parse_protocol
from models.protocol_tables import SCHEMAS, RowTable, protocol_tables

ROOT = Path(__file__).resolve().parents[2]
STUDY = (ROOT / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8")
VARIANT = """
[[variants]]
name = "window_42"
label = "Combination window of 42 days"
parameters = { combo_window_days = "42" }
"""


@pytest.fixture(scope="module")
def book() -> ParameterBook:
    with (ROOT / "dbt_project" / "seeds" / "params.csv").open(encoding="utf-8", newline="") as file:
        return ParameterBook(csv.DictReader(file))


def tables(book: ParameterBook, *texts: str) -> dict[str, RowTable]:
    return protocol_tables([(parse_protocol(text, "study"), text) for text in texts], book)


def sets(made: dict[str, RowTable], study: str, variant: str) -> dict[str, str]:
    rows = made["study_param_sets"].rows
    return {str(family): str(set_id) for name, kind, family, set_id in rows if (name, kind) == (study, variant)}


@pytest.mark.parametrize("path", sorted((ROOT / "studies").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_protocols_are_valid(path: Path) -> None:
    """Each shipped study parses, and its file carries its own name."""
    assert parse_protocol(path.read_text(encoding="utf-8"), path.name).study.id == path.stem


def test_every_parameter_belongs_to_one_family(book: ParameterBook) -> None:
    """No parameter of the rule book is left without the family of rules that reads it."""
    for parameter in book.parameters.values():
        family_of(parameter)


def test_families_build_on_what_they_read() -> None:
    """Time to event rests on response, response on index, index on lines, lines on the response stream."""
    assert closure("R6") == ("R6", "R5", "R3", "R2", "RS")


def test_a_variant_moves_only_the_families_that_read_it(book: ParameterBook) -> None:
    """A wider combination window makes new lines and all that rests on them, and leaves the response stream shared."""
    made = tables(book, STUDY + VARIANT)
    primary = sets(made, "anlotinib_pd1_escc", "primary")
    wider = sets(made, "anlotinib_pd1_escc", "window_42")
    assert {family for family in primary if primary[family] == wider[family]} == {"R1", "RS"}


def test_studies_that_agree_share_their_lines(book: ParameterBook) -> None:
    """Two studies with the same cutoff and line parameters derive their lines once."""
    other = STUDY.replace('id = "anlotinib_pd1_escc"', 'id = "another_study"').replace("max = 2 }]", "max = 1 }]", 1)
    made = tables(book, STUDY, other)
    first, second = sets(made, "anlotinib_pd1_escc", "primary"), sets(made, "another_study", "primary")
    assert first["R2"] == second["R2"]
    assert first["R3"] != second["R3"]


def test_rows_fit_their_columns(book: ParameterBook) -> None:
    """Each row of each protocol table has a value for each column."""
    for table in tables(book, STUDY + VARIANT).values():
        assert table.columns == SCHEMAS[table.name]
        assert all(len(row) == len(table.columns) for row in table.rows)


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ('combo_windw_days = "42"', "no parameter 'combo_windw_days'"),
        ('data_cutoff = "2024-01-01"', r"state it under \[cutoff\]"),
        ('fuzzy_min_len_latin = "4"', "whole warehouse"),
    ],
    ids=["misspelt", "cutoff", "drug names"],
)
def test_an_override_that_no_rule_reads_is_refused(book: ParameterBook, override: str, fault: str) -> None:
    """A study cannot set what is not a parameter of its own."""
    text = STUDY.replace("[index] ", f"[parameters]\n{override}\n\n[index] ", 1)
    with pytest.raises(ConfigError, match=fault):
        tables(book, text)


def test_faults_of_a_protocol_are_all_named_with_their_place() -> None:
    """One try shows every fault of a file, and where it stands."""
    broken = STUDY.replace('type = "age", min = 18', 'type = "agee", min = 18').replace("date = 2025-07-05", "")
    with pytest.raises(ConfigError) as caught:
        parse_protocol(broken, "studies/broken.toml")
    message = str(caught.value)
    assert "studies/broken.toml" in message
    assert "criteria.2.conditions.0.type" in message
    assert "cutoff" in message


def test_analysis_may_only_name_defined_covariates() -> None:
    """A subgroup that no covariate defines is refused when the protocol is read, not when the report is drawn."""
    with pytest.raises(ConfigError, match=r"which .*covariates.* does not define"):
        parse_protocol(STUDY.replace('curves_by = ["ecog"', 'curves_by = ["ecgo"'), "study")


def test_a_range_of_morphologies_becomes_two_ends(book: ParameterBook) -> None:
    """'8070-8076' arrives in SQL as an inclusive range, a single code as a range of one."""
    rows = {row[3:] for row in tables(book, STUDY)["condition_codes"].rows}
    assert ("morphology", "8070", "8076") in rows
    assert ("morphology", "8078", "8078") in rows


def with_endpoints(*endpoints: str) -> str:
    """The study with other endpoints, given as TOML, and nothing else to analyse."""
    before, _, after = STUDY.partition("[analysis]")
    _, _, variants = after.partition("[[variants]]")
    chosen = f"endpoints = [{', '.join(endpoints)}]\nresponse = false"
    return f"{before}[analysis]\n{chosen}\n{variants and '[[variants]]'}{variants}"


PFS = '{ paramcd = "PFS", label = "PFS" }'
OWN = '{ paramcd = "PFSREG", label = "PFS", base = "PFS", parameters = { pfs_nact = "CENSOR" } }'


def test_a_study_defines_endpoints_of_its_own(book: ParameterBook) -> None:
    """An endpoint arrives with what it varies and its parameters; a component's discontinuation with its component."""
    made = tables(book, with_endpoints(PFS, OWN, '{ paramcd = "TTDPD1", label = "TTD of PD-1" }'))
    assert {row[3:4] + row[5:] for row in made["endpoints"].rows if row[1] == "primary"} == {
        ("PFS", "PFS", "ALL"),
        ("PFSREG", "PFS", "ALL"),
        ("TTDPD1", "TTD", "pd1"),
    }
    assert {row[1:] for row in made["endpoint_parameters"].rows} == {("PFSREG", "pfs_nact", "CENSOR")}


def test_a_study_with_response_has_its_onset_and_duration_without_listing_them(book: ParameterBook) -> None:
    """Duration of response and time to response are derived beside the listed endpoints; a listed one stays its own."""
    own = '{ paramcd = "DOR", label = "DoR to new therapy", base = "DOR", parameters = { pfs_nact = "EVENT" } }'
    for endpoints, duration in (((PFS,), "Duration of response"), ((PFS, own), "DoR to new therapy")):
        text = with_endpoints(*endpoints).replace("response = false", "response = true")
        labels = {row[3]: row[4] for row in tables(book, text)["endpoints"].rows}
        assert labels == {"PFS": "PFS", "DOR": duration, "TTR": "Time to response"}


def test_endpoints_of_one_code_and_different_meaning_are_kept_apart(book: ParameterBook) -> None:
    """Two studies that mean different things by one code get different sets of time to event, and share the rest."""
    other = with_endpoints(OWN.replace("CENSOR", "EVENT")).replace('id = "anlotinib_pd1_escc"', 'id = "other"', 1)
    made = tables(book, with_endpoints(OWN), other)
    first, second = sets(made, "anlotinib_pd1_escc", "primary"), sets(made, "other", "primary")
    assert first["R5"] == second["R5"]
    assert first["R6"] != second["R6"]


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        ('{ paramcd = "PFSREG", label = "PFS" }', "PFSREG needs a base"),
        ('{ paramcd = "TTDXY", label = "TTD" }', "TTDANLO, TTDPD1"),
        ('{ paramcd = "pfs", label = "PFS" }', "paramcd"),
        (OWN.replace("pfs_nact", "pfs_nacht"), "parameters.pfs_nacht"),
        (OWN.replace('base = "PFS"', 'base = "PFS", component = "pd1"'), "only TTD is counted by component"),
        ('{ paramcd = "TTDX", label = "TTD", base = "TTD", component = "pd2" }', "pd2, which is no index component"),
    ],
)
def test_an_endpoint_that_means_nothing_is_refused(endpoint: str, fault: str) -> None:
    """What no rule can derive is refused when the protocol is read."""
    with pytest.raises(ConfigError, match=fault):
        parse_protocol(with_endpoints(endpoint), "study")


def test_components_whose_codes_collide_need_codes_of_their_own() -> None:
    """Two components of one code are refused; a code of its own settles it."""
    collide = with_endpoints(PFS).replace('name = "pd1"', 'name = "anlotinib_too"')
    with pytest.raises(ConfigError, match="TTDANLO is defined twice"):
        parse_protocol(collide, "study")
    settled = collide.replace('name = "anlotinib_too"', 'name = "anlotinib_too"\ncode = "TWO"')
    assert parse_protocol(settled, "study").index.components[1].discontinuation == "TTDTWO"
