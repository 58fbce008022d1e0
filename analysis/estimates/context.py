"""The study's own estimates beside those of published cohorts, as the protocol lists them; never pooled, never tested.

Printed numbers stay as printed. Intervals of proportions are recomputed from counts (rule R9.5): from the printed one,
or from the only whole number that n and the printed percentage leave; without either there is no interval.
"""

from decimal import Decimal

from analysis.ard import Place, Recorder
from analysis.audit.checks import counts_that_fit
from analysis.audit.ranges import Range
from analysis.statistics.descriptive import clopper_pearson
from models.context import PublishedCohort, PublishedMedian, PublishedRate
from models.protocol import Protocol

CONTEXT = "context"
SOURCE = "protocol: context"
COUNTED = "Clopper-Pearson"
IMPLIED = "Clopper-Pearson, count implied by the printed percentage"
PRINTED = "as printed"
NOT_PRINTED = "not printed"
SEVERE = "severe"


def cohort_place(name: str, variable: str | None = None, endpoint: str | None = None) -> Place:
    """Where a number of a published cohort stands; `name` is the cohort's label."""
    return Place(CONTEXT, endpoint, "cohort", name, variable)


def analyse_context(protocol: Protocol, record: Recorder) -> None:
    """Every number that a listed cohort printed, with exact intervals of its proportions."""
    for cohort in protocol.context:
        record.add(cohort_place(cohort.label), "n", cohort.n, text=NOT_PRINTED, source=SOURCE)
        _record_proportion(record, cohort, "orr", cohort.orr_percent, cohort.responders)
        _record_proportion(record, cohort, "dcr", cohort.dcr_percent, cohort.controlled)
        _record_proportion(record, cohort, SEVERE, cohort.severe_percent, None)
        for median in cohort.medians:
            _record_median(record, cohort, median)
        for rate in cohort.rates:
            _record_rate(record, cohort, rate)


def _record_proportion(
    record: Recorder, cohort: PublishedCohort, name: str, percent: Decimal | None, count: int | None
) -> None:
    place = cohort_place(cohort.label, name)
    method = COUNTED
    if count is None and percent is not None and cohort.n is not None:
        count, method = implied_count(percent, cohort.n), IMPLIED
    if count is not None and cohort.n is not None:
        found = clopper_pearson(count, cohort.n)
        record.add(place, "n", count, source=SOURCE, method=method, n=cohort.n)
        record.add(place, "total", cohort.n, source=SOURCE)
        limits = {"pct": found.percent, "pct_lower": found.lower, "pct_upper": found.upper}
        record.add_all(place, limits, source=SOURCE, method=method, n=cohort.n)
    elif percent is not None:
        record.add(place, "pct", float(percent), source=SOURCE, method=PRINTED, n=cohort.n)


def implied_count(percent: Decimal, n: int) -> int | None:
    """The one whole number of n patients that prints as this percentage; None where none or several do."""
    fitting = counts_that_fit(n, Range.printed(percent))
    return fitting[0] if len(fitting) == 1 else None


def _record_median(record: Recorder, cohort: PublishedCohort, median: PublishedMedian) -> None:
    place = cohort_place(cohort.label, None, median.endpoint)
    values = {"median": median.months, "median_lower": median.lower, "median_upper": median.upper}
    for statistic, value in values.items():
        if value is not None:
            record.add(place, statistic, float(value), source=SOURCE, method=PRINTED, n=cohort.n)


def _record_rate(record: Recorder, cohort: PublishedCohort, rate: PublishedRate) -> None:
    place = cohort_place(cohort.label, None, rate.endpoint)
    values = {"rate": rate.percent, "rate_lower": rate.lower, "rate_upper": rate.upper}
    for statistic, value in values.items():
        if value is not None:
            time = float(rate.month)
            record.add(place, statistic, float(value), time=time, source=SOURCE, method=PRINTED, n=cohort.n)
