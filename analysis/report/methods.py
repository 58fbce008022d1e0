"""The methods paragraph, written from the conventions that the numbers themselves name."""

from analysis.ard import Place, Results
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.estimates.survival import SURVIVAL
from models.protocol import Protocol

_INDEX = {
    "combination": "the first day on which every component of the index combination was on board",
    "line_start": "the start of the line of therapy that the protocol names",
    "diagnosis": "the first recorded diagnosis",
}


def methods_sentences(results: Results, protocol: Protocol) -> tuple[str, ...]:
    """One sentence per convention, in the order of the report."""
    chosen = protocol.analysis
    curve = results.number(Place(SURVIVAL, chosen.endpoints[0].paramcd), "rate", float(chosen.rate_months[0]))
    median = results.number(Place(SURVIVAL, chosen.endpoints[0].paramcd), "median")
    kind, month, added = (
        results.number(Place("parameters", variable=name), "value").value_text
        for name in ("quantile_type", "days_per_month", "tte_add_one")
    )
    sentences = [
        f"The index date was {_INDEX[protocol.index.type]}; time to event is in months of {month} days, "
        f"and the index day itself counts as {added} day(s).",
        f"Quantiles are of Hyndman and Fan's type {kind}; percentages are of known values and rounded half up.",
    ]
    if chosen.response:
        sentences.append(
            "Response rates have all included patients as denominator and exact (Clopper-Pearson) 95% intervals."
        )
    sentences += [
        f"Survival rates: {curve.method}; an event on the day itself counts; nothing is extrapolated past follow-up.",
        f"Median survival: {median.method}; the median is the first time at which the curve is at most one half, "
        "or the midpoint where it rests there.",
        "Numbers at risk at a month count patients with at least that time; events and censorings are those before it.",
    ]
    if chosen.curves_by:
        sentences.append("Groups were compared by the two-sided, unweighted log-rank test.")
    analysis = UNIVARIATE if chosen.cox_univariate else MULTIVARIABLE
    method = next((row.method for row in results.rows if row.analysis == analysis and row.statistic == "hr"), None)
    if method:
        sentences.append(
            f"Hazard ratios: {method}; a factor of more than two levels also has a global Wald test; "
            "the adjusted model uses complete cases. No P value is adjusted for multiple comparisons."
        )
    return tuple(sentences)
