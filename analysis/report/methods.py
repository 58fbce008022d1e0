"""The methods paragraph, written from the conventions that the numbers themselves name."""

from analysis.ard import Place, Results
from analysis.estimates.landmark import LANDMARK
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.estimates.survival import SURVIVAL
from analysis.report.language import tr
from analysis.report.parts import Text, convention, say
from models.protocol import Protocol

_INDEX = {
    "combination": "the first day on which every component of the index combination was on board",
    "line_start": "the start of the line of therapy that the protocol names",
    "diagnosis": "the first recorded diagnosis",
}


def methods_sentences(results: Results, protocol: Protocol) -> tuple[Text, ...]:
    """One sentence per convention, in the order of the report."""
    chosen = protocol.analysis
    curve = results.number(Place(SURVIVAL, chosen.endpoints[0].paramcd), "rate", float(chosen.rate_months[0]))
    median = results.number(Place(SURVIVAL, chosen.endpoints[0].paramcd), "median")
    kind, month, added = (
        results.number(Place("parameters", variable=name), "value").value_text or ""
        for name in ("quantile_type", "days_per_month", "tte_add_one")
    )
    sentences = [
        say(
            "The index date was {index}; time to event is in months of {month} days, and the index day itself counts "
            "as {added} day(s).",
            index=tr(_INDEX[protocol.index.type]),
            month=month,
            added=added,
        ),
        say(
            "Quantiles are of Hyndman and Fan's type {kind}; percentages are of known values and rounded half up.",
            kind=kind,
        ),
    ]
    if chosen.response:
        sentences.append(
            say("Response rates have all included patients as denominator and exact (Clopper-Pearson) 95% intervals.")
        )
        sentences.append(
            say(
                "Time to response is described among responders; duration of response is a Kaplan-Meier curve from the "
                "first response to progression or death."
            )
        )
    sentences += [
        say(
            "Survival rates: {method}; an event on the day itself counts; nothing is extrapolated past follow-up.",
            method=convention(curve.method),
        ),
        say(
            "Median survival: {method}; the median is the first time at which the curve is at most one half, or the "
            "midpoint where it rests there.",
            method=convention(median.method),
        ),
        say(
            "Numbers at risk at a month count patients with at least that time; events and censorings are those before "
            "it."
        ),
    ]
    if chosen.curves_by:
        sentences.append(say("Groups were compared by the two-sided, unweighted log-rank test."))
    if any(results.places(LANDMARK)):
        months = results.number(Place("parameters", variable="landmark_months"), "value").value_text or ""
        sentences.append(
            say("Survival is compared by response only from a landmark of {months} months on.", months=months)
        )
    analysis = UNIVARIATE if chosen.cox_univariate else MULTIVARIABLE
    method = next((row.method for row in results.rows if row.analysis == analysis and row.statistic == "hr"), None)
    if method:
        sentences.append(
            say(
                "Hazard ratios: {method}; a factor of more than two levels also has a global Wald test; the adjusted "
                "model uses complete cases. No P value is adjusted for multiple comparisons.",
                method=convention(method),
            )
        )
    return tuple(sentences)
