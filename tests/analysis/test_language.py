"""The report's words in Chinese: the catalogue says all of them, and nothing that nobody says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from analysis.report.language import catalogue, speaking, tr
from analysis.report.parts import Label, plain, say

TEMPLATE_WORDS = re.compile(r"""\(?"([^"]+)"(?: if [^"]+ else "([^"]+)"\))? \| tr""")


def _words(root: Path) -> Iterator[str]:
    """Literal words that go through `tr` or `say`, in the report's code and templates."""
    for path in sorted((root / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("tr", "say"):
                yield from _literals(node.args[0])
    for path in sorted((root / "analysis" / "templates").glob("*.j2")):
        for found in TEMPLATE_WORDS.findall(path.read_text(encoding="utf-8")):
            yield from (word for word in found if word)


def _literals(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def test_every_word_of_the_report_has_its_chinese(root: Path) -> None:
    """Whatever the code says in English, the catalogue says in Chinese."""
    assert sorted(set(_words(root)) - catalogue("zh").keys()) == []


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
