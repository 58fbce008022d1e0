"""Table 1 (rule R9.1): counts and percentages of non-missing values, medians and ranges."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.estimates.levels import Factor, read_factor
from analysis.marts import NO_LEVEL, StudyMarts
from analysis.statistics.descriptive import quantile
from models.protocol import Protocol

SOURCE = "marts.covariates"
TABLE_ONE = "table_one"


def analyse_table_one(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """One block per covariate: levels, values outside all levels, missing values, and median with range."""
    for covariate in protocol.covariates:
        factor = read_factor(marts, protocol, covariate.name)
        if covariate.show != "median_range":
            _record_levels(factor, record)
        if covariate.show != "levels":
            _record_numbers(factor, conventions, record)
        n_missing = int(factor.values.is_missing.sum())
        record.add(Place(TABLE_ONE, variable=factor.name), "n_missing", n_missing, source=SOURCE)


def _record_levels(factor: Factor, record: Recorder) -> None:
    known = ~factor.values.is_missing
    total = int(known.sum())
    for code, label in enumerate(factor.labels):
        count = int((factor.values.level == code).sum())
        place = Place(TABLE_ONE, variable=factor.name, variable_level=label)
        record.add(place, "n", count, source=SOURCE, n=total)
        percent = 100 * count / total if total else None
        record.add(place, "pct", percent, source=SOURCE, n=total, method="of non-missing")
    others = int((known & (factor.values.level == NO_LEVEL)).sum())
    place = Place(TABLE_ONE, variable=factor.name)
    record.add(place, "n_other", others, source=SOURCE, n=total)
    record.add(place, "pct_other", 100 * others / total if total else None, source=SOURCE, n=total)


def _record_numbers(factor: Factor, conventions: Conventions, record: Recorder) -> None:
    values = factor.values.number[np.isfinite(factor.values.number)]
    place = Place(TABLE_ONE, variable=factor.name)
    statistics = {
        "median": quantile(values, 0.5, conventions.quantile_type),
        "q1": quantile(values, 0.25, conventions.quantile_type),
        "q3": quantile(values, 0.75, conventions.quantile_type),
        "min": values.min(initial=np.inf),
        "max": values.max(initial=-np.inf),
    }
    record.add_all(place, statistics, source=SOURCE, method=conventions.quantile_method, n=values.size)
