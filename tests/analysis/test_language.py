"""The report's words in Chinese: the catalogue says all of them, and nothing that nobody says."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from analysis import Results
from analysis.conventions import Band, MedianInterval, QuantileType, Ties, read_conventions
from analysis.estimates.weighting import WEIGHT_METHODS
from analysis.report import language
from analysis.report.language import catalogue, speaking, tr
from analysis.report.page import render_page
from analysis.report.parts import Label, Labelled, plain, say
from analysis.report.sections import build_sections
from analysis.report.svg import draw_figures
from analysis.report.words import reason_words
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS

TEMPLATE_WORDS = re.compile(r"""\(?"([^"]+)"(?: if [^"]+ else "([^"]+)"\))? \| tr""")


REASONS_OF_THOSE_WHO_MET_IT = {
    "AGE_IN_RANGE",
    "BRAIN_METASTASIS_INACTIVE",
    "EVENT_DOCUMENTED",
    "INDEX_FOUND",
    "LINE_IN_RANGE",
    "NO_BRAIN_METASTASIS",
    "NO_SECOND_PRIMARY",
    "PATHOLOGY_PROVEN",
    "PROGRESSED",
    "STOPPED_FOR_TOXICITY",
}


def _words(root: Path) -> Iterator[str]:
    """Literal words that go through `tr` or `say`, in the report's code and templates."""
    for call in _calls(root / "analysis"):
        if isinstance(call.func, ast.Name) and call.func.id in ("tr", "say", "convention"):
            yield from _literals(call.args[0])
    for path in sorted((root / "analysis" / "templates").glob("*.j2")):
        for found in TEMPLATE_WORDS.findall(path.read_text(encoding="utf-8")):
            yield from (word for word in found if word)


def _calls(folder: Path) -> Iterator[ast.Call]:
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _words_for_no_number(root: Path) -> Iterator[str]:
    """Literal words that stand in a row of results where there is no number, and literal methods."""
    for call in _calls(root / "analysis" / "estimates"):
        for keyword in call.keywords:
            if keyword.arg in ("text", "method"):
                yield from filter(None, _literals(keyword.value))
    for call in _calls(root / "analysis"):
        if isinstance(call.func, ast.Name) and call.func.id == "NotEstimable":
            yield from _literals(call.args[0])


def _conventions() -> Iterator[str]:
    """What a number's method may say, for every choice that a protocol has."""
    for band, median, quantile, ties in product(*map(get_args, (Band, MedianInterval, QuantileType, Ties))):
        choices = {"km_ci": band, "median_ci": median, "quantile_type": quantile, "cox_ties": ties}
        chosen = read_conventions({**PARAMETERS, **choices})
        yield from (chosen.curve_method, chosen.median_method, f"Reverse {chosen.median_method}")
        yield from (chosen.cox_method, chosen.quantile_method, chosen.wald_method, chosen.firth_method)
        yield from (f"{chosen.cox_method}, unadjusted", f"Product terms, {chosen.likelihood_ratio_method}")
        yield chosen.likelihood_ratio_method
        weighted = replace(chosen, is_weighted=True)
        yield from (weighted.curve_method, weighted.median_method)
        yield from (f"{chosen.cox_method}, robust variance, {weights}" for weights in WEIGHT_METHODS.values())


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def test_every_word_of_the_report_has_its_chinese(root: Path) -> None:
    """Whatever the code says in English, the catalogue says in Chinese."""
    assert sorted(set(_words(root)) - catalogue("zh").keys()) == []


def test_what_stands_for_a_number_and_its_convention_have_their_chinese(root: Path) -> None:
    """'not reached', 'Clopper-Pearson' and every convention that a protocol may choose are said in Chinese."""
    assert sorted({*_words_for_no_number(root), *_conventions()} - catalogue("zh").keys()) == []


def test_the_chinese_report_says_nothing_in_english(
    results: Results, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the report is built, every word that is looked up has its Chinese, words from tables of words included."""
    missing: set[str] = set()

    class Listening(dict[str, str]):
        def get(self, words: str, default: str = "") -> str:  # type: ignore[override]
            if words not in self:
                missing.add(words)
            return super().get(words, default)

    monkeypatch.setattr(language, "catalogue", lambda spoken: Listening(catalogue(spoken)))
    with speaking("zh"):
        sections = build_sections(results, protocol)
        render_page(results, protocol, {"release_id": "x"}, sections, draw_figures(sections))
    of_the_data = {row.value_text for row in results.rows if row.source_table.startswith(("quality", "meta"))}
    of_the_data |= {reason_words(place.variable_level) for place in results.places("attrition_reasons")}
    assert sorted(words for words in missing - of_the_data if re.search("[A-Za-z]", words)) == []


def test_every_reason_to_leave_has_its_chinese(root: Path) -> None:
    """Reasons of the eligibility models are said in Chinese, but for those of patients who met the criterion."""
    models = root / "dbt_project" / "models" / "intermediate"
    texts = [path.read_text(encoding="utf-8") for path in models.glob("*/int_condition_*.sql")]
    texts.append((models / "index" / "int_index_dates.sql").read_text(encoding="utf-8"))
    codes = {code for text in texts for code in re.findall(r"(?:then|else|reason,) '([A-Z_]{4,})'", text)}
    assert len(codes) > 30
    unsaid = {code for code in codes - {"MET", "NOT_MET", "UNKNOWN"} if reason_words(code) not in catalogue("zh")}
    assert unsaid <= REASONS_OF_THOSE_WHO_MET_IT


def test_the_study_says_everything_in_chinese(protocol: Protocol) -> None:
    """Criteria, covariates, endpoints, variants and every level that is a word have a Chinese label."""
    levels = [level for covariate in protocol.covariates for level in covariate.levels]
    labelled: list[Labelled] = [
        *protocol.criteria,
        *protocol.covariates,
        *protocol.analysis.endpoints,
        *protocol.variants,
    ]
    labelled += [*protocol.index.components, *(level for level in levels if re.search("[A-Za-z]", level.label))]
    assert [item.label for item in labelled if not item.label_zh] == []


def test_a_translation_keeps_every_number_of_the_sentence() -> None:
    """A named place of the English sentence stands in the Chinese one too, and no other."""
    place = re.compile(r"\{(\w+)\}")
    differing = [
        english
        for english, chinese in catalogue("zh").items()
        if sorted(place.findall(english)) != sorted(place.findall(chinese))
    ]
    assert differing == []


def test_a_sentence_may_put_its_numbers_in_another_order() -> None:
    """The words around a number follow the language; outside of `speaking` they are English."""
    assert plain(say("{lower} to {upper}", lower=Label("1"), upper=Label("2"))) == "1 to 2"
    with speaking("zh"):
        assert tr("Patients") == "患者"
        assert tr("words that nobody translated") == "words that nobody translated"
    assert tr("Patients") == "Patients"
