"""Rule parameters and the families of rules that read them.

`params.csv` (a dbt seed) is the one home of every default. A study may override a parameter; what it may not do is
leave one out.
A `param_set_id` names the parameters, the cutoff and the definitions that one family of rules reads, its upstream
families included,
so that each distinct set is derived once however many studies and variants share it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.errors import ConfigError

SHARED_RULES = ("R0.5",)
"""Conventions that every family reads: the length of a month, the +1 day."""

STUDY_OWNED = frozenset({"data_cutoff", "index_from", "index_to"})
"""Rows of `params.csv` that a study states in its own words ([cutoff], [index]): never parameters of a set."""


@dataclass(frozen=True)
class Parameter:
    """One row of `params.csv`: its default as text, its unit and the rule that reads it."""

    name: str
    default: str
    unit: str
    rule: str


@dataclass(frozen=True)
class Family:
    """A family of rules that is derived together: which rules' parameters it reads and which families it builds on."""

    name: str
    rules: tuple[str, ...]
    upstream: tuple[str, ...] = ()
    overridable: bool = True


FAMILIES: tuple[Family, ...] = (
    Family("R1", ("R1",), overridable=False),
    Family("RS", ("R5.1", "R5.2", "R5.3")),
    Family("R2", ("R2",), ("RS",)),
    Family("R3", ("R3",), ("R2",)),
    Family("R4", ("R4",), ("R3",)),
    Family("R5", ("R5.4", "R5.5"), ("R3",)),
    Family("R6", ("R6",), ("R5",)),
    Family("R7", ("R7",), ("R6",)),
    Family("R8", ("R8",), ("R6",)),
    Family("R9", ("R9",), ("R6",)),
)
FAMILY = {family.name: family for family in FAMILIES}


def closure(family: str) -> tuple[str, ...]:
    """The family and everything it builds on, nearest first."""
    names = [family]
    for upstream in FAMILY[family].upstream:
        names += [name for name in closure(upstream) if name not in names]
    return tuple(names)


def family_of(parameter: Parameter) -> str | None:
    """The family whose rules read the parameter; None for the shared conventions of R0."""
    if parameter.rule in SHARED_RULES:
        return None
    matches = [
        (len(rule), family.name)
        for family in FAMILIES
        for rule in family.rules
        if parameter.rule == rule or parameter.rule.startswith(rule + ".")
    ]
    if not matches:
        raise ConfigError(
            f"Parameter {parameter.name} belongs to rule {parameter.rule}, which no family of rules reads."
        )
    return max(matches)[1]


class ParameterBook:
    """All parameters with their defaults, and the values that a study's overrides leave."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Take the rows of `params.csv` (columns param, default, unit, rule)."""
        parameters = (Parameter(row["param"], row["default"], row["unit"], row["rule"]) for row in rows)
        self.parameters = {parameter.name: parameter for parameter in parameters if parameter.name not in STUDY_OWNED}

    def values(self, family: str, overrides: Mapping[str, str]) -> dict[str, str]:
        """Parameter values (as text) that one family reads, shared conventions included."""
        return {
            name: overrides.get(name, parameter.default)
            for name, parameter in self.parameters.items()
            if family_of(parameter) in (None, family)
        }

    def check(self, overrides: Mapping[str, str], study: str) -> None:
        """Refuse an override that no rule reads.

        Raises:
            ConfigError: the name is unknown, belongs to [cutoff] or [index], or is fixed for the whole warehouse.
        """
        for name in overrides:
            if name in STUDY_OWNED:
                raise ConfigError(f"Study {study}: {name} is not a parameter; state it under [cutoff] or [index].")
            if name not in self.parameters:
                raise ConfigError(
                    f"Study {study}: there is no parameter {name!r}; dbt_project/seeds/params.csv lists them."
                )
            family = family_of(self.parameters[name])
            if family is not None and not FAMILY[family].overridable:
                raise ConfigError(
                    f"Study {study}: {name} (rule {family}) holds for the whole warehouse and cannot differ by study."
                )


def param_set_id(family: str, content: Mapping[str, object]) -> str:
    """Short stable name of one family's parameters, cutoff and definitions."""
    text = json.dumps({"family": family, **content}, sort_keys=True, ensure_ascii=False, default=str)
    return f"{family.lower()}_{hashlib.sha256(text.encode()).hexdigest()[:12]}"
