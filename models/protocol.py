"""A study protocol: one TOML file says what a study is; nothing about a study is code.

The words are a closed vocabulary (index types, condition types, covariate types) that the dbt models know; a new study
combines them.
"""

import datetime
import tomllib
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from models.context import PublishedCohort
from models.errors import ConfigError

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,7}$", description="as PARAMCD of CDISC: at most 8 characters")]
EndpointBase = Literal["OS", "PFS", "PFSFDA", "PFSCLIN", "PFSCOMP", "TTP", "TTNT", "TTD", "TTF", "DOR", "TTR"]
EndpointParameter = Literal[
    "tte_start",
    "pfs_nact",
    "pfs_nact_censor_at",
    "pfs_nact_tie",
    "pfs_censor_at",
    "pfs_missed_assessments",
    "pfs_no_baseline",
    "assess_interval_days",
    "assess_window_days",
    "pd_source",
    "clinical_pd_counts",
    "death_event",
    "death_cause_unknown",
    "ttnt_scope",
]

PRIMARY = "primary"
"""The variant that every study has: its own parameters and no others."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Study(_Strict):
    """Who the study is. `id` becomes STUDYID and the folder of its report."""

    id: Name
    title: str
    title_zh: str | None = None
    description: str = ""
    description_zh: str | None = None


class Cutoff(_Strict):
    """Data cutoff (rule R0.4).

    A date for a finished study, the newest accepted extract of each centre for a living one.
    """

    date: datetime.date | None = None
    latest_extract: bool = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.date is None) != self.latest_extract:
            raise ValueError("[cutoff] needs either date = YYYY-MM-DD or latest_extract = true")
        return self

    @property
    def rule(self) -> str:
        """'date' or 'latest_extract'."""
        return "latest_extract" if self.latest_extract else "date"


class IndexComponent(_Strict):
    """A set of drugs: by drug_key, by class, or by a Y/N flag of the drug table."""

    name: Name
    label: str
    label_zh: str | None = None
    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,5}$")] | None = Field(
        None, description="ends the PARAMCD of the component's time to discontinuation; by default its name's start"
    )
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def discontinuation(self) -> str:
        """PARAMCD of the component's own time to discontinuation: TTDANLO for anlotinib, TTDPD1 for pd1 (R6.2)."""
        return f"TTD{self.code or self.name.replace('_', '')[:4].upper()}"


class Index(_Strict):
    """Index date (rule R3.1).

    combination: the first day on which one drug of every component is on board. line_start: start of a line (numbered
    line_no_min to line_no_max) that holds a drug of a component. diagnosis: the first recorded diagnosis.
    """

    type: Literal["combination", "line_start", "diagnosis"]
    first: datetime.date | None = Field(None, alias="from")
    last: datetime.date | None = Field(None, alias="to")
    line_no_min: int | None = None
    line_no_max: int | None = None
    components: tuple[IndexComponent, ...] = ()

    @model_validator(mode="after")
    def _components_fit(self) -> Self:
        if self.type == "combination" and len(self.components) < 2:
            raise ValueError("a combination needs at least two components")
        if self.type == "line_start" and not self.components:
            raise ValueError("line_start needs a component")
        return self


class Condition(_Strict):
    """One fact about a patient; every field beside `type` narrows it."""

    type: Literal[
        "index_found",
        "pathology",
        "no_pathology",
        "disease_event",
        "baseline_value",
        "age",
        "prior_therapy_failed",
        "line_number",
        "no_note_flag",
        "no_second_primary",
        "no_active_brain_metastasis",
        "records_complete",
    ]
    item: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    days_after_index: int = Field(0, description="days; how late after index the fact may still be documented")
    years: int | None = Field(None, description="years before index that a second primary counts")
    sites: tuple[str, ...] = Field((), description="ICD-O-3 topography prefixes")
    morphologies: tuple[str, ...] = Field((), description="ICD-O-3 morphologies, single or as a range '8070-8076'")
    uncertain_morphologies: tuple[str, ...] = Field(
        (), description="morphologies that prove nothing either way: UNKNOWN"
    )
    includes_mixed: bool = False
    events: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    exempt: tuple[str, ...] = Field((), description="code prefixes that do not count")
    needs: tuple[Literal["sex", "birth", "index_dose", "baseline_stage", "follow_up"], ...] = ()


class Criterion(_Strict):
    """One criterion of the flowchart.

    All of its conditions must be met. An exclusion's conditions say what a patient must be free of.
    """

    id: str
    kind: Literal["inclusion", "exclusion"]
    label: str
    label_zh: str | None = None
    unknown_policy: Literal["exclude", "include_flag"]
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1)]


class Level(_Strict):
    """One level of a covariate.

    A range of the number, or texts that equal or begin with one of `values` (the longest one wins).
    """

    label: str
    label_zh: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    values: tuple[str, ...] = ()
    reference: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.values) == (self.min is not None or self.max is not None):
            raise ValueError(f"level {self.label!r} needs either values = [...] or min and max")
        return self


class Covariate(_Strict):
    """One baseline characteristic, in the order in which Table 1 shows them."""

    name: Name
    label: str
    label_zh: str | None = None
    type: Literal[
        "age",
        "sex",
        "baseline_value",
        "primary_site",
        "histology",
        "stage_group",
        "prior_procedure",
        "prior_lines",
        "prior_class",
        "metastatic_sites",
        "procedure_in_window",
        "initial_dose",
        "index_drug",
        "year_of_index",
    ]
    item: str | None = None
    drugs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    unit: str | None = None
    show: Literal["levels", "median_range", "both"] = "levels"
    levels: tuple[Level, ...] = ()


class EndpointChoice(_Strict):
    """One time-to-event endpoint (rule R6.2) that the study reports.

    An endpoint of the rule book, the time to discontinuation of one index component, or one of the study's own: the
    rule book's endpoint `base` under other parameters.
    """

    paramcd: Code
    label: str
    label_zh: str | None = None
    base: EndpointBase | None = Field(None, description="endpoint of the rule book that this one varies")
    component: Name | None = Field(None, description="index component whose discontinuation counts (TTD only)")
    parameters: dict[EndpointParameter, str] = Field({}, description="overrides for this endpoint alone, as text")


RESPONSE_ENDPOINTS = (
    EndpointChoice(paramcd="DOR", label="Duration of response", label_zh="缓解持续时间"),
    EndpointChoice(paramcd="TTR", label="Time to response", label_zh="至缓解时间"),
)
"""Derived for every study with response: responders have one row of each (rule R9.10)."""


class LinearTerm(_Strict):
    """A covariate whose number enters Cox regression as it is, so that no cut into levels decides (rule R9.4)."""

    covariate: Name
    per: Decimal = Field(Decimal(1), gt=0, description="the hazard ratio is for each so many units, such as 10 years")


class Exposure(_Strict):
    """Two groups of included patients whose survival is compared after weighting; no randomised comparison."""

    label: str = Field(description="a sentence under every figure: who is compared, and what the comparison is not")
    label_zh: str | None = None
    covariate: Name
    exposed: str = Field(description="label of the level whose effect is estimated")
    control: str = Field(description="label of the level that it is compared with")
    adjusted_for: Annotated[tuple[Name, ...], Field(min_length=1)]
    estimand: Literal["ate", "att", "overlap"] = Field(
        "ate", description="effect in all patients, in the exposed, or where both groups overlap"
    )
    truncate_percent: Decimal = Field(
        Decimal(1), ge=0, lt=50, description="weights past this percentile, or its mirror, are set to it; 0 for none"
    )
    subgroups: tuple[Name, ...] = Field((), description="factors of the subgroup forest; else those of cox_univariate")


class Analysis(_Strict):
    """What the report shows. Names are covariates of this protocol."""

    endpoints: Annotated[tuple[EndpointChoice, ...], Field(min_length=1)]
    rate_months: tuple[int, ...] = (6, 12, 24)
    curves_by: tuple[Name, ...] = Field(
        (), description="covariates by whose levels curves are drawn and compared by log-rank"
    )
    cox_endpoint: str = "OS"
    cox_univariate: tuple[Name, ...] = ()
    cox_multivariable: tuple[Name, ...] = ()
    cox_linear: tuple[LinearTerm, ...] = ()
    cox_forced: tuple[Name, ...] = Field((), description="enter the adjusted model whatever their univariate P is")
    competing: tuple[EndpointChoice, ...] = Field(
        (), description="endpoints with a competing event (TTP: death first), shown as cumulative incidence (rule R9.6)"
    )
    exposure: Exposure | None = None
    response: bool = Field(
        True, description="tumour response, duration of response, and survival by response at the landmark"
    )
    subgroups_by: tuple[Name, ...] | None = Field(
        None, description="covariates by whose levels response is shown; by default those of curves_by"
    )
    landmark_sensitivity_months: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (3,), description="months; landmarks beside the parameter landmark_months (rule R9.7)"
    )

    @property
    def response_by(self) -> tuple[str, ...]:
        """Covariates by whose levels response is shown."""
        return self.curves_by if self.subgroups_by is None else self.subgroups_by

    @property
    def covariates_used(self) -> frozenset[str]:
        """Every covariate that the analyses name."""
        linear = [term.covariate for term in self.cox_linear]
        exposure = self.exposure
        compared = (exposure.covariate, *exposure.adjusted_for, *exposure.subgroups) if exposure else ()
        return frozenset(
            (
                *self.curves_by,
                *self.cox_univariate,
                *self.cox_multivariable,
                *self.cox_forced,
                *self.response_by,
                *linear,
                *compared,
            )
        )


class Variant(_Strict):
    """The same study under other parameters."""

    name: Name
    label: str
    label_zh: str | None = None
    parameters: dict[str, str]


class Protocol(_Strict):
    """One study protocol file."""

    study: Study
    cutoff: Cutoff
    parameters: dict[str, str] = Field({}, description="overrides of params.csv, as text")
    index: Index
    criteria: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    covariates: tuple[Covariate, ...] = ()
    analysis: Analysis
    variants: tuple[Variant, ...] = ()
    context: tuple[PublishedCohort, ...] = ()

    @property
    def derived_endpoints(self) -> tuple[EndpointChoice, ...]:
        """Endpoints that the marts hold: those that the study reports, and with response its onset and duration."""
        listed = (*self.analysis.endpoints, *self.analysis.competing)
        codes = {endpoint.paramcd for endpoint in listed}
        of_responders = RESPONSE_ENDPOINTS if self.analysis.response else ()
        return (*listed, *(one for one in of_responders if one.paramcd not in codes))

    def overrides(self) -> dict[str, dict[str, str]]:
        """Parameters that each variant overrides, the study's own included; the primary comes first."""
        changes = {PRIMARY: {}, **{variant.name: variant.parameters for variant in self.variants}}
        return {variant: {**self.parameters, **changed} for variant, changed in changes.items()}

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        names = [covariate.name for covariate in self.covariates]
        _refuse_doubles("covariate", names)
        _refuse_doubles("criterion", [criterion.id for criterion in self.criteria])
        _refuse_doubles("published cohort", [cohort.label for cohort in self.context])
        _refuse_doubles("variant", [PRIMARY, *(variant.name for variant in self.variants)])
        if unknown := sorted(self.analysis.covariates_used - set(names)):
            raise ValueError(f"[analysis] names {', '.join(unknown)}, which [[covariates]] does not define")
        endpoints = [endpoint.paramcd for endpoint in self.analysis.endpoints]
        _refuse_doubles("endpoint", [endpoint.paramcd for endpoint in self.derived_endpoints])
        _refuse_doubles("index component", [component.name for component in self.index.components])
        _refuse_doubles("endpoint code", [component.discontinuation for component in self.index.components])
        for endpoint in self.derived_endpoints:
            self.definition(endpoint)
        if self.analysis.exposure:
            self._check_exposure(self.analysis.exposure)
        if self.analysis.cox_endpoint not in endpoints and self.analysis.cox_univariate:
            raise ValueError(
                f"cox_endpoint {self.analysis.cox_endpoint} is not among the endpoints {', '.join(endpoints)}"
            )
        return self

    def _check_exposure(self, exposure: Exposure) -> None:
        labels = [level.label for one in self.covariates if one.name == exposure.covariate for level in one.levels]
        if exposure.exposed == exposure.control or {exposure.exposed, exposure.control} - set(labels):
            raise ValueError(
                f"[analysis.exposure] compares {exposure.exposed!r} with {exposure.control!r}; they must be two levels "
                f"of {exposure.covariate}, which has {', '.join(labels)}"
            )
        if exposure.covariate in exposure.adjusted_for:
            raise ValueError(f"[analysis.exposure] adjusts {exposure.covariate} for itself")

    def definition(self, endpoint: EndpointChoice) -> tuple[str, str]:
        """The endpoint of the rule book that this one is, and the index component whose treatment it follows (or ALL).

        Raises:
            ValueError: the code is no endpoint of the rule book and has no base, or the component is not defined.
        """
        components = {component.discontinuation: component.name for component in self.index.components}
        base = endpoint.base or ("TTD" if endpoint.paramcd in components else endpoint.paramcd)
        component = endpoint.component or (components.get(endpoint.paramcd) if endpoint.base is None else None)
        if base not in get_args(EndpointBase):
            raise ValueError(
                f"endpoint {endpoint.paramcd} needs a base, one of {', '.join(get_args(EndpointBase))}; the index "
                f"components' own are {', '.join(components) or 'none'}"
            )
        if endpoint.component is not None and base != "TTD":
            raise ValueError(f"endpoint {endpoint.paramcd}: only TTD is counted by component")
        if component is not None and component not in components.values():
            raise ValueError(f"endpoint {endpoint.paramcd} names {component}, which is no index component")
        return base, component or "ALL"


def _refuse_doubles(what: str, names: list[str]) -> None:
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise ValueError(f"{what} {', '.join(doubles)} is defined twice")


def parse_protocol(text: str, origin: str) -> Protocol:
    """Read a protocol from TOML text; `origin` names the file in errors.

    Raises:
        ConfigError: it is not TOML, or says something that cannot be; the message lists every fault with its place.
    """
    try:
        return Protocol.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin} is not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(describe_faults(error, origin)) from error


def describe_faults(error: ValidationError, origin: str) -> str:
    """One line a fault: where in the file, and what is wrong."""
    faults = [
        f"  {'.'.join(str(part) for part in fault['loc']) or '(file)'}: {fault['msg']}" for fault in error.errors()
    ]
    return "\n".join([f"{origin} cannot be used, {len(faults)} fault(s):", *faults])
