"""The statistical conventions of a study: parameters of rule family R9, read once from their text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from models.errors import ConfigError

Band = Literal["loglog", "log", "plain"]
MedianInterval = Literal[
    "brookmeyer_crowley_loglog", "brookmeyer_crowley_log", "brookmeyer_crowley_plain", "spss_symmetric"
]
QuantileType = Literal["7", "6", "2"]
Ties = Literal["efron", "breslow"]

CONFIDENCE = 0.95
"""Level of every interval (rule R9); two-sided."""

FEW_AT_RISK = 5
"""Patients at risk below which a curve is drawn as uncertain (style guide, 'What people should see')."""

META_METHODS = ("REML + modified Hartung-Knapp",)
"""How centres are pooled in two stages; a method that is not written is refused, not ignored."""

BAND_NAMES = {"loglog": "log-log", "log": "log", "plain": "plain (untransformed)"}
TIES_NAMES = {"efron": "Efron ties", "breslow": "Breslow ties"}


@dataclass(frozen=True)
class Conventions:
    """How this study's numbers are computed; every field but the last is a parameter of params.csv.

    `is_weighted` only names the method of a curve that weights bear on.
    """

    km_ci: Band
    median_ci: MedianInterval
    quantile_type: QuantileType
    cox_ties: Ties
    uni_p_enter: float
    epv_min: float
    suppress_k: int
    centre_min_events: int
    landmark_months: float
    meta_method: str
    is_weighted: bool = False

    @property
    def curve_method(self) -> str:
        """Method of a survival rate and its interval."""
        if self.is_weighted:
            return f"Weighted Kaplan-Meier, {BAND_NAMES[self.km_ci]} interval from the infinitesimal jackknife"
        return f"Kaplan-Meier, {BAND_NAMES[self.km_ci]} interval from Greenwood's variance"

    @property
    def median_method(self) -> str:
        """Method of a median survival time and its interval."""
        form = "Weighted Kaplan-Meier" if self.is_weighted else "Kaplan-Meier"
        if self.median_ci == "spss_symmetric":
            return f"{form}, symmetric interval (SPSS)"
        return f"{form}, Brookmeyer-Crowley interval ({BAND_NAMES[self.median_ci.rsplit('_', 1)[1]]})"

    @property
    def cox_method(self) -> str:
        """Method of a hazard ratio and its interval."""
        return f"Cox, Wald interval, {TIES_NAMES[self.cox_ties]}"

    @property
    def stratified_cox_method(self) -> str:
        """Method of a hazard ratio of more than one centre."""
        return f"{self.cox_method}, stratified by centre"

    @property
    def wald_method(self) -> str:
        """Method of the test that all coefficients of a factor are 0."""
        return f"Wald test, {TIES_NAMES[self.cox_ties]}"

    @property
    def likelihood_ratio_method(self) -> str:
        """Method of a test that compares the likelihoods of two models."""
        return f"likelihood-ratio test, {TIES_NAMES[self.cox_ties]}"

    @property
    def firth_method(self) -> str:
        """Method of a hazard ratio where events separate a factor."""
        return f"Cox, Firth's penalised likelihood, profile interval, {TIES_NAMES[self.cox_ties]}"

    @property
    def quantile_method(self) -> str:
        """Method of a median or quartile of a measured quantity."""
        return f"Hyndman-Fan type {self.quantile_type}"


def read_conventions(parameters: Mapping[str, str]) -> Conventions:
    """Read the parameters of family R9 (names and defaults: params.csv).

    Raises:
        ConfigError: a parameter is missing, or its value is not one of the conventions.
    """
    return Conventions(
        km_ci=cast(Band, _choice(parameters, "km_ci", get_args(Band))),
        median_ci=cast(MedianInterval, _choice(parameters, "median_ci", get_args(MedianInterval))),
        quantile_type=cast(QuantileType, _choice(parameters, "quantile_type", get_args(QuantileType))),
        cox_ties=cast(Ties, _choice(parameters, "cox_ties", get_args(Ties))),
        uni_p_enter=_number(parameters, "uni_p_enter"),
        epv_min=_number(parameters, "epv_min"),
        suppress_k=int(_number(parameters, "suppress_k")),
        centre_min_events=int(_number(parameters, "centre_min_events")),
        landmark_months=_number(parameters, "landmark_months"),
        meta_method=_choice(parameters, "meta_method", META_METHODS),
    )


def _choice(parameters: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    value = _text(parameters, name)
    if value not in choices:
        raise ConfigError(f"Parameter {name} (rule R9) is {value!r}; it may be {', '.join(choices)}.")
    return value


def _number(parameters: Mapping[str, str], name: str) -> float:
    value = _text(parameters, name)
    try:
        return float(value)
    except ValueError as error:
        raise ConfigError(f"Parameter {name} (rule R9) is {value!r}; it must be a number.") from error


def _text(parameters: Mapping[str, str], name: str) -> str:
    if name not in parameters:
        raise ConfigError(f"Parameter {name} (rule R9) is missing; dbt_project/seeds/params.csv lists them all.")
    return parameters[name]
