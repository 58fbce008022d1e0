"""A question to a released study: every choice is a name that the study's protocol knows, or it is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from analysis.explore.studies import ReleasedStudy
from models.errors import BadInput
from models.protocol import PRIMARY, Covariate, Protocol

MOST_CONDITIONS = 3
"""Conditions of a filter; beyond that nearly every cell of the table that decides what is shown is a small one."""

_STUDY, _VARIANT, _ENDPOINT, _GROUPS = "study", "variant", "endpoint", "by"
_CONDITION = "where."
ADDED = "add"
"""Choice that adds one condition, as 'covariate:level'; the address of the answer names it like the others."""


@dataclass(frozen=True)
class Condition:
    """Only patients with this level of this covariate."""

    covariate: str
    level: str

    @property
    def parameter(self) -> str:
        """The condition's name in an address; its value there is the level."""
        return f"{_CONDITION}{self.covariate}"


@dataclass(frozen=True)
class Question:
    """One study and variant, an endpoint, optionally groups by a covariate's levels, and a filter."""

    study_id: str
    variant: str
    endpoint: str
    groups: str | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def address(self) -> str:
        """The question as the query of a URL; `read_question` reads it back."""
        choices = [(_STUDY, self.study_id), (_VARIANT, self.variant), (_ENDPOINT, self.endpoint)]
        choices += [(_GROUPS, self.groups)] if self.groups else []
        choices += [(one.parameter, one.level) for one in self.conditions]
        return urlencode(choices)


def read_question(choices: Iterable[tuple[str, str]], studies: Mapping[str, ReleasedStudy]) -> Question:
    """Read the choices of a URL or form; what is not chosen (or empty) is the study's first.

    Raises:
        BadInput: a choice names something that is not there, or twice; the message lists what there is.
    """
    chosen: dict[str, str] = {}
    for name, value in choices:
        if name in chosen:
            raise BadInput(f"{name} is chosen twice.")
        if value:
            chosen[name] = value
    study_id = _one_of("study", chosen.pop(_STUDY, None), tuple(studies))
    protocol = studies[study_id].protocol
    variant = _one_of("variant", chosen.pop(_VARIANT, None), (PRIMARY, *(one.name for one in protocol.variants)))
    endpoints = tuple(one.paramcd for one in protocol.analysis.endpoints)
    endpoint = _one_of("endpoint", chosen.pop(_ENDPOINT, None), endpoints)
    groups = chosen.pop(_GROUPS, None)
    if groups is not None:
        _covariate(protocol, groups)
    conditions = _conditions(protocol, chosen)
    _refuse_unanswerable(conditions, groups)
    return Question(study_id, variant, endpoint, groups, conditions)


def splitting_covariates(protocol: Protocol) -> tuple[Covariate, ...]:
    """Covariates with levels, by which patients can be grouped or chosen."""
    return tuple(covariate for covariate in protocol.covariates if covariate.levels)


def _one_of(what: str, value: str | None, there: tuple[str, ...]) -> str:
    if value is None:
        return there[0]
    if value not in there:
        raise BadInput(f"There is no {what} {value!r} here; there are: {', '.join(there)}.")
    return value


def _covariate(protocol: Protocol, name: str) -> Covariate:
    there = {covariate.name: covariate for covariate in splitting_covariates(protocol)}
    if name not in there:
        raise BadInput(f"There is no covariate {name!r} with levels here; there are: {', '.join(there)}.")
    return there[name]


def _conditions(protocol: Protocol, chosen: Mapping[str, str]) -> tuple[Condition, ...]:
    """The filter in the protocol's order, so that one selection has one address."""
    levels: dict[str, str] = {}
    for choice, value in chosen.items():
        name, level = choice.removeprefix(_CONDITION), value
        if choice == ADDED:
            name, _, level = value.partition(":")
        elif name == choice:
            raise BadInput(f"There is nothing to choose by the name of {choice!r}.")
        _one_of(f"level of {name}", level, tuple(one.label for one in _covariate(protocol, name).levels))
        if name in levels:
            raise BadInput(f"{name} is chosen twice.")
        levels[name] = level
    ordered = (covariate.name for covariate in splitting_covariates(protocol))
    return tuple(Condition(name, levels[name]) for name in ordered if name in levels)


def _refuse_unanswerable(conditions: tuple[Condition, ...], groups: str | None) -> None:
    if len(conditions) > MOST_CONDITIONS:
        raise BadInput(f"A filter may hold {MOST_CONDITIONS} conditions; this one holds {len(conditions)}.")
    if groups in [one.covariate for one in conditions]:
        raise BadInput(f"Patients cannot be chosen by one level of {groups} and compared by it at once.")
