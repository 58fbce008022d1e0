"""Names that the warehouse knows: drugs, tests, units, adverse events; and the nearest of them to another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from rapidfuzz import fuzz, process

from warehouse.vocabularies import drug_names, folded, seed_rows

LEAST_SIMILARITY = 50
"""Out of 100; anything less alike is no help."""
SHORTEST_PART_LATIN = 4
SHORTEST_PART = 2
LEVELS = ("high", "low")
"""Kinds of words that say in which direction a result is out of its range."""


@dataclass(frozen=True)
class KnownNames:
    """Keys of names with the way they are shown.

    With `in_parts` a value is known when it holds a known name; `words` stand for others inside a value, such as 升高
    for `<high>`.
    """

    shown: Mapping[str, str]
    in_parts: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    def knows(self, value: str) -> bool:
        """Whether a value is one of the names, or has one in it."""
        text = _key(value, self.words)
        if text in self.shown:
            return True
        return self.in_parts and any(name in text for name in self.shown if len(name) >= _shortest(name))

    def nearest(self, value: str) -> str | None:
        """The most similar name, None when none is alike."""
        text = _key(value, self.words)
        found = process.extractOne(text, self.shown.keys(), scorer=fuzz.WRatio, score_cutoff=LEAST_SIMILARITY)
        return self.shown[found[0]] if found else None


def _key(value: str, words: Mapping[str, str]) -> str:
    text = folded(value)
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text.replace(" ", "")


def _shortest(name: str) -> int:
    return SHORTEST_PART_LATIN if name.isascii() else SHORTEST_PART


def names_of(values: Iterable[str], words: Mapping[str, str] | None = None) -> KnownNames:
    """A list of names or codes."""
    meant = words or {}
    return KnownNames({_key(value, meant): value for value in values}, words=meant)


@cache
def known_names() -> Mapping[tuple[str, str], KnownNames]:
    """By contract table and column: the lists that derivations resolve it with."""
    tests = names_of(name for row in seed_rows("lab_tests") for name in (row["name"], row["test"]))
    units = names_of(name for row in seed_rows("lab_units") for name in (row["written"], row["unit"]))
    events = [row["synonym"] for row in seed_rows("ae_synonyms")] + [row["term"] for row in seed_rows("ae_terms")]
    levels = {folded(row["word"]): f"<{row['kind']}>" for row in seed_rows("ae_text_words") if row["kind"] in LEVELS}
    return {
        ("drug_row", "raw_name"): KnownNames({_key(name, {}): name for name in drug_names()}, in_parts=True),
        ("lab", "test"): tests,
        ("lab", "unit"): units,
        ("ae", "raw_term"): names_of(events, levels),
        ("ae", "causality_text"): names_of(row["causality_text"] for row in seed_rows("ae_causality")),
    }
