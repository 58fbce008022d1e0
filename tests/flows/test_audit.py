"""`oncomart audit` as a reader of papers uses it, and contradictions in a study's own results that stop publication."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from analysis.audit import Audit, Conflict, Finding, Rule, Severity
from flows.checks import MOST_FINDINGS, refuse_contradictions
from flows.console import Terminal
from flows.context import NO_WISHES, Refresh, StudyFile
from flows.refresh import analyse_study, refresh_steps
from models.config import Quality
from models.errors import ResultsContradict
from models.parameters import ParameterBook
from models.protocol import parse_protocol
from models.tolerances import Tolerances
from tests.flows.conftest import ROOT, oncomart
from tests.warehouse.hospital import SETTINGS
from warehouse import Home, LoadedConfig, list_releases

PAPER = ROOT / "docs" / "examples" / "anlotinib_pd1_escc_paper.toml"


def falsified(count: int) -> Audit:
    """An audit with so many findings."""
    conflict = Conflict(Rule.SUM, Severity.INCONSISTENT, "19 + 44 = 63, printed 64.")
    findings = tuple(Finding("response/bor", f"categories {number}", conflict) for number in range(count))
    return Audit("a_study", "sd_56", (), findings)


def test_a_paper_with_conflicts_ends_with_3_and_a_list() -> None:
    """Each conflict stands under its rule with place, entry and arithmetic; the counts close the list."""
    run = oncomart("audit", PAPER)
    assert run.code == 3, run.words
    for words in ("IMPOSSIBLE (6): a percentage is a whole count", "24.1%", "Table 2: univariate", "conflicts"):
        assert words in run.words


def test_a_table_without_conflicts_ends_with_0(tmp_path: Path) -> None:
    """Nothing to report is said in words."""
    file = tmp_path / "fine.toml"
    file.write_text(
        '[publication]\ntitle = "A table"\nsource = "nowhere"\n'
        '[[places]]\nname = "Table 1"\nproportions = [{ quantity = "men", count = 30, total = 40, percent = 75.0 }]\n',
        encoding="utf-8",
    )
    run = oncomart("audit", file)
    assert (run.code, "nothing contradicts itself" in run.words) == (0, True)


@pytest.mark.parametrize(
    ("content", "fault"), [("[publication]\ntitle = 3", "publication, title"), ("[", "not valid TOML"), (None, "read")]
)
def test_a_file_that_cannot_be_read_ends_with_2(tmp_path: Path, content: str | None, fault: str) -> None:
    """The message names the file and what is wrong, without a traceback."""
    file = tmp_path / "table.toml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    run = oncomart("audit", file)
    assert run.code == 2
    for words in (str(file), fault):
        assert words in run.words
    assert "Traceback" not in run.words


def test_the_help_names_the_exit_codes() -> None:
    """A script that calls it knows what 3 means."""
    run = oncomart("audit", "--help")
    assert run.code == 0
    assert "3 conflicts found" in run.words


def test_contradictions_are_named_with_study_variant_place_and_numbers() -> None:
    """The message says what contradicts itself, what stayed as it was, and what to do; a long list is cut."""
    refuse_contradictions([falsified(0)])
    with pytest.raises(ResultsContradict) as refused:
        refuse_contradictions([falsified(0), falsified(MOST_FINDINGS + 2)])
    for words in (
        f"in {MOST_FINDINGS + 2} place(s); nothing was published",
        "a_study (sd_56), response/bor, categories 0: 19 + 44 = 63, printed 64. Rule: parts add up",
        "and 2 more",
        "The published release is as it was",
        "refresh again",
    ):
        assert words in str(refused.value)
    assert refused.value.exit_code == 1


@dataclass
class Steps:
    """Stands in for the steps of a refresh: nothing lands or is built, and the analysis contradicts itself."""

    drafts: list[Path]

    def __call__(self, step: Any, /, *arguments: Any) -> Any:
        if step is analyse_study:
            self.drafts.append(arguments[1].folder)
            refuse_contradictions([falsified(1)])


def test_a_contradiction_discards_the_draft(tmp_path: Path) -> None:
    """No release appears, and nothing of the draft stays behind."""
    file = ROOT / "studies" / "anlotinib_pd1_escc.toml"
    study = StudyFile(parse_protocol(file.read_text(encoding="utf-8"), file.name), "")
    home = Home(tmp_path / "home")
    home.ensure()
    steps = Steps([])
    config = LoadedConfig(file, SETTINGS, Quality(), (), {})
    context = Refresh(home, config, (study,), ParameterBook([]), Tolerances({}, {}), Terminal(), NO_WISHES)
    with pytest.raises(ResultsContradict):
        refresh_steps(context, steps)
    assert [folder.exists() for folder in steps.drafts] == [False]
    assert list_releases(home) == ()
