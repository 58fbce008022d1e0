"""Paths into FHIR resources as SQL: one select over lines of NDJSON, each object on the way read once.

Whether an element repeats is not known from a path, so every element is taken as a list: `as_list` puts brackets around
the JSON of one that stands alone. Objects are read by `from_json` into the wanted names only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from models.resource_path import Condition, ResourcePath, Where
from warehouse.intake.reading import BLANK
from warehouse.sqltext import identifier, literal

RESOURCE_TYPE = "resourceType"

NOT_JSON = "no JSON"
NO_RESOURCE = "no resource: resourceType is missing"
REPEATED_NAME = "a name stands twice in one object"
ANOTHER_TYPE = "another resourceType"

MACROS = (
    """
    CREATE TEMP MACRO as_list(element) AS
        CASE WHEN starts_with(element, '[') THEN element ELSE '[' || element || ']' END
    """,
    """
    CREATE TEMP MACRO texts(element) AS CASE
        WHEN starts_with(element, '"') THEN [json_extract_string(element, '$')]
        WHEN element IS NULL OR element = 'null' OR starts_with(element, '{') OR starts_with(element, '[{') THEN []
        WHEN starts_with(element, '[') THEN json_extract_string(element, '$[*]')
        ELSE [element::VARCHAR]
    END
    """,
    "CREATE TEMP MACRO repeats(names) AS len(names) <> len(list_distinct(names))",
    """
    CREATE TEMP MACRO has_repeated_name(object) AS
        repeats(json_keys(object))
        OR list_bool_or(list_transform(json_keys(object, '$..*'), lambda names: repeats(names)))
    """,
)
"""`texts` gives the texts of an element, none for an object."""

# A number stands after a name; no other quote is followed by a colon.
_NUMBER = r'(\w"\s*:\s*)(-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)([\s,}\]])'
_BLANKS = r"E' \t\r\n'"
_REFERENCE_KEY = r"(?:^|[/:])([A-Za-z0-9.-]+)(?:/_history/[^/]+)?$"


@dataclass
class _Items:
    """The items of one element, or those of them that a filter keeps."""

    column: str
    names: dict[str, None] = field(default_factory=dict)
    below: dict[str | Where, "_Items"] = field(default_factory=dict)


class ResourceSelect:
    """The columns that paths name, over a relation `delivered` (`line`, `source_row`).

    Args:
        paths: column to path.
        resource: resourceType of the rows.
    """

    def __init__(self, paths: Mapping[str, ResourcePath], resource: str) -> None:
        self._resource = resource
        self._count = 0
        self._root = _Items("resource", {RESOURCE_TYPE: None})
        self._values = {column: self._value(path) for column, path in paths.items()}

    def sql(self) -> str:
        """One row a line: the columns, `source_row`, `names` of its elements, `verdict` (NULL: it is of the type)."""
        valid = f"CASE WHEN json_valid({_numbers_as_texts('line')}) THEN {_numbers_as_texts('line')} END"
        steps = [
            f"lines AS (SELECT source_row, trim(line, {_BLANKS}) = '' AS is_blank, {valid} AS line FROM delivered)",
            f"read AS (SELECT *, from_json(line, {_structure(self._root.names)}) AS resource FROM lines)",
        ]
        before = "read"
        for number, level in enumerate(self._levels(), start=1):
            columns = ", ".join(f"{expression} AS {items.column}" for items, expression in level)
            steps.append(f"level_{number} AS (SELECT *, {columns} FROM {before})")
            before = f"level_{number}"
        values = [f"{value} AS {identifier(column)}" for column, value in self._values.items()]
        return (
            f"WITH {', '.join(steps)} SELECT {', '.join(values)}, source_row, json_keys(line) AS names, "
            f"{self._verdict()} AS verdict FROM {before}"
        )

    def _verdict(self) -> str:
        resource_type = f"texts(resource.{identifier(RESOURCE_TYPE)})[1]"
        return f"""CASE
            WHEN is_blank THEN {literal(BLANK)}
            WHEN line IS NULL THEN {literal(NOT_JSON)}
            WHEN {resource_type} IS NULL THEN {literal(NO_RESOURCE)}
            WHEN {resource_type} <> {literal(self._resource)} THEN {literal(ANOTHER_TYPE)}
            WHEN has_repeated_name(line) THEN {literal(REPEATED_NAME)}
        END"""

    def _value(self, path: ResourcePath) -> str:
        items = self._root
        for step in path.steps[:-1]:
            items = self._below(items, step)
        name = str(path.steps[-1])
        items.names[name] = None
        text = f"{self._below_texts(items, name)}[1]"
        return f"nullif(regexp_extract({text}, {literal(_REFERENCE_KEY)}, 1), '')" if path.is_reference else text

    def _below_texts(self, items: _Items, name: str) -> str:
        if items is self._root:
            return f"texts(resource.{identifier(name)})"
        return f"flatten(list_transform({items.column}, lambda item: texts(item.{identifier(name)})))"

    def _below(self, items: _Items, step: str | Where) -> _Items:
        if step not in items.below:
            self._count += 1
            kept = items.names if isinstance(step, Where) else {}
            items.below[step] = _Items(f"items_{self._count}", kept)
        names = [condition.elements[0] for condition in step.conditions] if isinstance(step, Where) else [step]
        items.names |= dict.fromkeys(names)
        return items.below[step]

    def _levels(self) -> Iterator[list[tuple[_Items, str]]]:
        above = [self._root]
        while level := [(below, self._items(items, step)) for items in above for step, below in items.below.items()]:
            yield [(below, expression) for below, expression in level]
            above = [below for below, _ in level]

    def _items(self, items: _Items, step: str | Where) -> str:
        if isinstance(step, Where):
            alternatives = (" AND ".join(map(_holds, alternative)) for alternative in step.alternatives)
            return f"list_filter({items.column}, lambda item: {' OR '.join(alternatives)})"
        structure = _structure_of_list(items.below[step].names)
        if items is self._root:
            return f"from_json(as_list(resource.{identifier(step)}), {structure})"
        each = f"from_json(as_list(item.{identifier(step)}), {structure})"
        return f"flatten(list_transform({items.column}, lambda item: {each}))"


def _numbers_as_texts(line: str) -> str:
    """SQL of a line whose numbers are texts: DuckDB would read 1.50 as 1.5, FHIR calls them different."""
    return f"regexp_replace({line}, {literal(_NUMBER)}, '\\1\"\\2\"\\3', 'g')"


def _holds(condition: Condition) -> str:
    return f"list_contains({_texts('item', condition.elements)}, {literal(condition.text)})"


def _texts(item: str, elements: tuple[str, ...]) -> str:
    """The texts that elements lead to, from one item."""
    element = f"{item}.{identifier(elements[0])}"
    if len(elements) == 1:
        return f"texts({element})"
    below = f"{item}_below"
    items = f"from_json(as_list({element}), {_structure_of_list({elements[1]: None})})"
    return f"flatten(list_transform({items}, lambda {below}: {_texts(below, elements[1:])}))"


def _structure(names: Mapping[str, None]) -> str:
    return literal("{" + _fields(names) + "}")


def _structure_of_list(names: Mapping[str, None]) -> str:
    return literal("[{" + _fields(names) + "}]")


def _fields(names: Mapping[str, None]) -> str:
    return ",".join(f'"{name}":"JSON"' for name in names)
