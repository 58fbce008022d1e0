"""A study with an exposure, subgroups, competing risks and a variant, for patients that a test makes up."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from analysis import Results, analyse, write_report
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, Patient, build, insert

PROTOCOL = """
[study]
id = "regression"
title = "Factors and exposure"
[cutoff]
date = 2025-07-05
[index]
type = "diagnosis"
[[criteria]]
id = "I1"
kind = "inclusion"
label = "Diagnosed"
unknown_policy = "exclude"
conditions = [{ type = "index_found" }]
[[covariates]]
name = "age"
label = "Age"
type = "age"
unit = "years"
show = "both"
levels = [{ label = "under 65", max = 64, reference = true }, { label = "65 or older", min = 65 }]
[[covariates]]
name = "stage"
label = "Stage"
type = "stage_group"
levels = [
  { label = "II", values = ["II"], reference = true },
  { label = "III", values = ["III"] },
  { label = "IV", values = ["IV"] },
]
[[covariates]]
name = "drug"
label = "Earlier drug"
type = "prior_class"
flags = ["is_ici"]
levels = [{ label = "Yes", values = ["Yes"] }, { label = "No", values = ["No"], reference = true }]
[analysis]
endpoints = [{ paramcd = "OS", label = "Overall survival" }]
competing = [{ paramcd = "TTP", label = "Time to progression" }]
rate_months = [12]
curves_by = ["drug"]
cox_endpoint = "OS"
cox_univariate = ["age", "stage", "drug"]
cox_multivariable = ["stage", "drug"]
cox_linear = [{ covariate = "age", per = 10 }]
cox_forced = ["stage"]
response = false
[analysis.exposure]
label = "Patients by an earlier drug; not a treatment comparison."
covariate = "drug"
exposed = "Yes"
control = "No"
adjusted_for = ["stage"]
truncate_percent = 0
"""


def protocol_with(*changes: tuple[str, str]) -> Protocol:
    """The protocol with lines of its text replaced."""
    text = PROTOCOL
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return parse_protocol(text, "regression.toml")


def person(
    key: str, days: int, died: bool, *, stage: str | None = "II", drug: str | None = "No", age: float | None = 60.0
) -> Patient:
    """One patient of the study."""
    return Patient(key, {"age": age, "stage": stage, "drug": drug}, times={"OS": (days, died)})


def analysed(
    patients: Iterable[Patient],
    protocol: Protocol,
    *,
    stops: Iterable[tuple[str, str, float]] = (),
    progressions: Iterable[tuple[str, int, int]] = (),
) -> Results:
    """The results of these patients.

    `stops` are (patient, reason, months of treatment), `progressions` (patient, days, CNSR) of TTP.
    """
    included = list(patients)
    with duckdb.connect() as connection:
        build(connection, protocol, included)
        counts = (len(included), 0, 0, 0, len(included))
        insert(connection, protocol, "marts.attrition", 1, "I1", "INCLUSION", "Diagnosed", *counts)
        for key, reason, months in stops:
            insert(connection, protocol, "marts.disposition", "hospital_a", key, reason, months)
        for key, days, code in progressions:
            time = ("TTP", days, days / 30.4375, code)
            insert(connection, protocol, "marts.survival_times", "hospital_a", key, *time, "2020-01-01")
        return analyse(connection, protocol, PARAMETERS)


def printed(results: Results, protocol: Protocol, folder: Path) -> str:
    """The English page, which must be written without a fault."""
    return write_report(results, protocol, {"release_id": "r"}, folder).read_text(encoding="utf-8")
