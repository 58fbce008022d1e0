"""Protocols as tables: what SQL joins instead of holding numbers of a study.

Shapes of the tables are listed in `SCHEMAS`; `protocol_tables` fills them from the protocols of one release.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from models.parameters import FAMILIES, FAMILY, ParameterBook, closure, param_set_id
from models.protocol import Condition, Covariate, IndexComponent, Protocol

SCHEMAS: dict[str, tuple[tuple[str, str], ...]] = {
    "studies": (
        ("study_id", "VARCHAR"),
        ("title", "VARCHAR"),
        ("description", "VARCHAR"),
        ("cutoff_rule", "VARCHAR"),
        ("cutoff_date", "DATE"),
        ("protocol_toml", "VARCHAR"),
    ),
    "study_param_sets": (
        ("study_id", "VARCHAR"),
        ("variant", "VARCHAR"),
        ("rule_family", "VARCHAR"),
        ("param_set_id", "VARCHAR"),
    ),
    "param_sets": (
        ("param_set_id", "VARCHAR"),
        ("rule_family", "VARCHAR"),
        ("cutoff_rule", "VARCHAR"),
        ("cutoff_date", "DATE"),
    ),
    "param_set_upstream": (
        ("param_set_id", "VARCHAR"),
        ("upstream_family", "VARCHAR"),
        ("upstream_param_set_id", "VARCHAR"),
    ),
    "parameters": (
        ("param_set_id", "VARCHAR"),
        ("rule_family", "VARCHAR"),
        ("parameter", "VARCHAR"),
        ("value", "VARCHAR"),
    ),
    "index_definitions": (
        ("param_set_id", "VARCHAR"),
        ("index_type", "VARCHAR"),
        ("index_from", "DATE"),
        ("index_to", "DATE"),
        ("line_no_min", "INTEGER"),
        ("line_no_max", "INTEGER"),
    ),
    "index_components": (
        ("param_set_id", "VARCHAR"),
        ("component", "VARCHAR"),
        ("member_kind", "VARCHAR"),
        ("member", "VARCHAR"),
    ),
    "criteria": (
        ("param_set_id", "VARCHAR"),
        ("criterion_id", "VARCHAR"),
        ("criterion_seq", "INTEGER"),
        ("kind", "VARCHAR"),
        ("label", "VARCHAR"),
        ("unknown_policy", "VARCHAR"),
    ),
    "conditions": (
        ("param_set_id", "VARCHAR"),
        ("criterion_id", "VARCHAR"),
        ("condition_no", "INTEGER"),
        ("condition_type", "VARCHAR"),
        ("item", "VARCHAR"),
        ("number_min", "DECIMAL(18,4)"),
        ("number_max", "DECIMAL(18,4)"),
        ("days_after_index", "INTEGER"),
        ("years", "INTEGER"),
        ("includes_mixed", "BOOLEAN"),
    ),
    "condition_codes": (
        ("param_set_id", "VARCHAR"),
        ("criterion_id", "VARCHAR"),
        ("condition_no", "INTEGER"),
        ("role", "VARCHAR"),
        ("code_from", "VARCHAR"),
        ("code_to", "VARCHAR"),
    ),
    "covariates": (
        ("param_set_id", "VARCHAR"),
        ("covariate", "VARCHAR"),
        ("covariate_seq", "INTEGER"),
        ("covariate_type", "VARCHAR"),
        ("item", "VARCHAR"),
        ("label", "VARCHAR"),
    ),
    "covariate_items": (
        ("param_set_id", "VARCHAR"),
        ("covariate", "VARCHAR"),
        ("member_kind", "VARCHAR"),
        ("member", "VARCHAR"),
    ),
    "covariate_levels": (
        ("param_set_id", "VARCHAR"),
        ("covariate", "VARCHAR"),
        ("level_seq", "INTEGER"),
        ("level", "VARCHAR"),
        ("number_min", "DECIMAL(18,4)"),
        ("number_max", "DECIMAL(18,4)"),
        ("code_prefix", "VARCHAR"),
        ("is_reference", "BOOLEAN"),
    ),
    "endpoints": (
        ("study_id", "VARCHAR"),
        ("variant", "VARCHAR"),
        ("param_set_id", "VARCHAR"),
        ("paramcd", "VARCHAR"),
        ("param", "VARCHAR"),
        ("base", "VARCHAR"),
        ("component", "VARCHAR"),
    ),
    "endpoint_parameters": (
        ("param_set_id", "VARCHAR"),
        ("paramcd", "VARCHAR"),
        ("parameter", "VARCHAR"),
        ("value", "VARCHAR"),
    ),
}


@dataclass(frozen=True)
class RowTable:
    """A small table as plain rows: name, typed columns and tuples in their order."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass
class _Rows:
    """Rows by table, without doubles and in order of arrival."""

    tables: dict[str, dict[tuple[object, ...], None]] = field(default_factory=lambda: {name: {} for name in SCHEMAS})

    def add(self, table: str, *values: object) -> None:
        self.tables[table][values] = None

    def frozen(self) -> dict[str, RowTable]:
        return {name: RowTable(name, SCHEMAS[name], tuple(rows)) for name, rows in self.tables.items()}


def protocol_tables(protocols: Iterable[tuple[Protocol, str]], book: ParameterBook) -> dict[str, RowTable]:
    """All tables of schema `protocol`.

    Args:
        protocols: each protocol with its TOML text, which the release keeps.
        book: the parameters with their defaults.

    Raises:
        ConfigError: a protocol overrides a parameter that does not exist or may not differ by study.
    """
    rows = _Rows()
    for protocol, text in protocols:
        study = protocol.study
        rows.add("studies", study.id, study.title, study.description, protocol.cutoff.rule, protocol.cutoff.date, text)
        for variant, overrides in protocol.overrides().items():
            book.check(overrides, study.id)
            _add_variant(rows, protocol, variant, book, overrides)
    return rows.frozen()


def _add_variant(
    rows: _Rows, protocol: Protocol, variant: str, book: ParameterBook, overrides: Mapping[str, str]
) -> None:
    ids = {family.name: _set_id(family.name, protocol, book, overrides) for family in FAMILIES}
    for family, set_id in ids.items():
        rows.add("study_param_sets", protocol.study.id, variant, family, set_id)
        cutoff = (protocol.cutoff.rule, protocol.cutoff.date) if FAMILY[family].overridable else (None, None)
        rows.add("param_sets", set_id, family, *cutoff)
        for upstream in closure(family):
            rows.add("param_set_upstream", set_id, upstream, ids[upstream])
        for name, value in book.values(family, overrides).items():
            rows.add("parameters", set_id, family, name, value)
    _add_index(rows, protocol, ids["R3"])
    _add_criteria(rows, protocol, ids["R3"])
    _add_covariates(rows, protocol, ids["R3"])
    for endpoint in protocol.derived_endpoints:
        meaning = (endpoint.paramcd, endpoint.label, *protocol.definition(endpoint))
        rows.add("endpoints", protocol.study.id, variant, ids["R6"], *meaning)
        for name, value in endpoint.parameters.items():
            rows.add("endpoint_parameters", ids["R6"], endpoint.paramcd, name, value)


def _set_id(family: str, protocol: Protocol, book: ParameterBook, overrides: Mapping[str, str]) -> str:
    families = closure(family)
    content: dict[str, object] = {"parameters": {name: book.values(name, overrides) for name in families}}
    if FAMILY[family].overridable:
        content["cutoff"] = protocol.cutoff.model_dump(mode="json")
    if "R3" in families:
        content["index"] = protocol.index.model_dump(mode="json")
        content["criteria"] = [criterion.model_dump(mode="json") for criterion in protocol.criteria]
        content["covariates"] = [covariate.model_dump(mode="json") for covariate in protocol.covariates]
    if "R6" in families:
        own = [e for e in protocol.derived_endpoints if e.base or e.component or e.parameters]
        content["endpoints"] = [endpoint.model_dump(mode="json", exclude={"label"}) for endpoint in own]
    return param_set_id(family, content)


def _members(source: IndexComponent | Covariate) -> list[tuple[str, str]]:
    members = [("drug", drug) for drug in source.drugs]
    members += [("class", name) for name in source.classes]
    members += [("flag", name) for name in source.flags]
    if isinstance(source, Covariate):
        members += [("kind", kind) for kind in source.kinds]
    return members


def _add_index(rows: _Rows, protocol: Protocol, set_id: str) -> None:
    index = protocol.index
    rows.add("index_definitions", set_id, index.type, index.first, index.last, index.line_no_min, index.line_no_max)
    for component in index.components:
        for kind, member in _members(component):
            rows.add("index_components", set_id, component.name, kind, member)


def _add_criteria(rows: _Rows, protocol: Protocol, set_id: str) -> None:
    for seq, criterion in enumerate(protocol.criteria, start=1):
        head = (criterion.kind.upper(), criterion.label, criterion.unknown_policy)
        rows.add("criteria", set_id, criterion.id, seq, *head)
        for number, condition in enumerate(criterion.conditions, start=1):
            rows.add(
                "conditions",
                set_id,
                criterion.id,
                number,
                condition.type,
                condition.item,
                condition.min,
                condition.max,
                condition.days_after_index,
                condition.years,
                condition.includes_mixed,
            )
            for role, code_from, code_to in _condition_codes(condition):
                rows.add("condition_codes", set_id, criterion.id, number, role, code_from, code_to)


def _condition_codes(condition: Condition) -> list[tuple[str, str, str]]:
    by_role = {
        "site": condition.sites,
        "morphology": condition.morphologies,
        "uncertain_morphology": condition.uncertain_morphologies,
        "event": condition.events,
        "flag": condition.flags,
        "exempt": condition.exempt,
        "needs": condition.needs,
    }
    codes = []
    for role, values in by_role.items():
        for value in values:
            first, _, last = value.partition("-") if "morphology" in role else (value, "", value)
            codes.append((role, first, last or first))
    return codes


def _add_covariates(rows: _Rows, protocol: Protocol, set_id: str) -> None:
    for seq, covariate in enumerate(protocol.covariates, start=1):
        rows.add("covariates", set_id, covariate.name, seq, covariate.type, covariate.item, covariate.label)
        for kind, member in _members(covariate):
            rows.add("covariate_items", set_id, covariate.name, kind, member)
        for level_seq, level in enumerate(covariate.levels, start=1):
            place = (set_id, covariate.name, level_seq, level.label, level.min, level.max)
            for prefix in level.values or (None,):
                rows.add("covariate_levels", *place, prefix, level.reference)
