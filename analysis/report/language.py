"""The report's languages. English words stand in the code; `zh/*.po` beside this file says them in Chinese.

A report is built once a language, inside `speaking`; whatever is visible goes through `tr` or, with numbers in it,
through `analysis.report.parts.say`. Words without a translation stay English, and a test lists them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from babel.messages.pofile import read_po

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
PAGES: dict[Language, str] = {"en": "index.html", "zh": "index.zh.html"}
"""The file of each language's page, in the folder of its report."""

CATALOGUES = Path(__file__).parent
_spoken: ContextVar[Language] = ContextVar("language", default="en")


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Everything built inside is in this language."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def spoken() -> Language:
    """The language of the report that is being built."""
    return _spoken.get()


def tr(words: str) -> str:
    """English words in the language of the report; unchanged where the catalogue has none."""
    return words if spoken() == "en" else catalogue(spoken()).get(words, words)


@cache
def catalogue(language: Language) -> dict[str, str]:
    """English words and their translation, from every file of the language's folder; none for English."""
    words: dict[str, str] = {}
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as file:
            words |= {str(message.id): str(message.string) for message in read_po(file) if message.id}
    return words
