"""Table 1 (rule R9.1): counts and percentages of non-missing values, medians and ranges."""

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.disclosure import OLDEST_AGE_SHOWN
from analysis.estimates.levels import Factor, read_factor
from analysis.estimates.summaries import record_numbers
from analysis.marts import NO_LEVEL, StudyMarts
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
            largest_shown = OLDEST_AGE_SHOWN if covariate.type == "age" else None
            _record_numbers(factor, conventions, largest_shown, record)
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


def _record_numbers(factor: Factor, conventions: Conventions, largest_shown: float | None, record: Recorder) -> None:
    values = factor.values.number[np.isfinite(factor.values.number)]
    place = Place(TABLE_ONE, variable=factor.name)
    record_numbers(record, place, values, conventions, source=SOURCE, largest_shown=largest_shown)
