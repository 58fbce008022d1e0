"""Paths into a FHIR resource: a small part of FHIRPath, enough to name one text of a resource.

    code.coding.where(system='http://loinc.org').code
    component.where(code.coding.code='8480-6').valueQuantity.value
    extension('http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-procedure-intent').valueCodeableConcept.coding.code
    subject.getReferenceKey()

A path walks down from the resource; an element that repeats stands for all of its items. `where(…)` keeps the items of
which its conditions hold, joined by `and` and `or` (`and` binds closer); a condition holds when any of the texts on its
left equals the text on its right. `extension('url')` is short for `extension.where(url='url')`. `getReferenceKey()`
gives the bare id of a reference, relative, absolute or `urn:uuid:`, under the name that SQL on FHIR gave it
(https://sql-on-fhir.org). Choice elements go by their name in JSON: `valueQuantity`, `effectiveDateTime`. Of several
texts the first is taken.
"""

import re
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_TEXT = re.compile(r"'([^'\\]*)'")
_REFERENCE_KEY = "getReferenceKey()"


class PathError(ValueError):
    """A path that is not in the part of FHIRPath that mappings may use."""


@dataclass(frozen=True)
class Condition:
    """One `path = 'text'` of a `where`; `elements` lead down from the item that is asked."""

    elements: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Where:
    """Keeps the items of which all conditions of any alternative hold."""

    alternatives: tuple[tuple[Condition, ...], ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of all alternatives."""
        return tuple(condition for alternative in self.alternatives for condition in alternative)


Step = str | Where
"""The name of an element, or a filter."""


@dataclass(frozen=True)
class ResourcePath:
    """A path: it begins and ends with an element. `is_reference` asks for the id in the reference found there."""

    steps: tuple[Step, ...]
    is_reference: bool

    @property
    def first_element(self) -> str:
        """The element of the resource that the path begins with."""
        return str(self.steps[0])


def parse_path(text: str) -> ResourcePath:
    """Reads a path.

    Raises:
        PathError: the message says where it cannot be read on, and what may stand there.
    """
    return _Parser(text).path()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def path(self) -> ResourcePath:
        steps = self._element("the name of an element or extension('…')")
        while self._take("."):
            if self._take(_REFERENCE_KEY):
                self._end()
                return ResourcePath((*steps, "reference"), is_reference=True)
            steps += self._step()
        self._end()
        if isinstance(steps[-1], Where):
            raise PathError(f"{self._text!r} ends with a filter. Say which element of the items is wanted.")
        return ResourcePath(tuple(steps), is_reference=False)

    def _step(self) -> list[Step]:
        if self._take("where("):
            return [self._where()]
        return self._element("the name of an element, where(…), extension('…') or getReferenceKey()")

    def _element(self, wanted: str) -> list[Step]:
        if self._take("extension("):
            url = self._match(_TEXT, "a text in single quotes")
            self._expect(")")
            return ["extension", Where(((Condition(("url",), url),),))]
        return [self._match(_NAME, wanted)]

    def _where(self) -> Where:
        alternatives = [self._alternative()]
        while self._take(" or "):
            alternatives.append(self._alternative())
        self._expect(")")
        return Where(tuple(alternatives))

    def _alternative(self) -> tuple[Condition, ...]:
        conditions = [self._condition()]
        while self._take(" and "):
            conditions.append(self._condition())
        return tuple(conditions)

    def _condition(self) -> Condition:
        elements = [self._match(_NAME, "the name of an element")]
        while self._take("."):
            elements.append(self._match(_NAME, "the name of an element"))
        self._spaces()
        self._expect("=")
        self._spaces()
        return Condition(tuple(elements), self._match(_TEXT, "a text in single quotes"))

    def _take(self, token: str) -> bool:
        is_there = self._text.startswith(token, self._at)
        if is_there:
            self._at += len(token)
        return is_there

    def _spaces(self) -> None:
        while self._take(" "):
            pass

    def _match(self, pattern: re.Pattern[str], wanted: str) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self._error(wanted)
        self._at = found.end()
        return found[found.lastindex or 0]

    def _expect(self, token: str) -> None:
        if not self._take(token):
            raise self._error(repr(token))

    def _end(self) -> None:
        if self._at < len(self._text):
            raise self._error("a dot or the end of the path")

    def _error(self, wanted: str) -> PathError:
        rest = self._text[self._at :]
        place = f"at {rest!r}" if rest else "at its end"
        return PathError(f"{self._text!r} cannot be read {place}: {wanted} was expected.")
