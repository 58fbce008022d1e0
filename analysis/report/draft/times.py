"""Sentences about time to event: medians, rates, subgroups, hazard ratios."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import MULTIVARIABLE, UNIVARIATE
from analysis.estimates.survival import LOGRANK, SURVIVAL
from analysis.report.draft.phrases import count, listed, lower_case, p_value, with_interval
from analysis.report.language import tr
from analysis.report.parts import Label, Text, label_text, named, say
from models.protocol import Covariate, Protocol

RESPONSE_DURATION = "DOR"


def survival(results: Results, protocol: Protocol) -> Iterator[Text]:
    """Every endpoint of the protocol but the duration of response."""
    for choice in protocol.analysis.endpoints:
        if choice.paramcd != RESPONSE_DURATION:
            yield from endpoint(results, protocol, choice.paramcd)


def endpoint(results: Results, protocol: Protocol, paramcd: str) -> Iterator[Text]:
    """Events, median and rates of all patients."""
    place = Place(SURVIVAL, paramcd)
    if not results.has(place, "median") or not results.number(place, "n").value:
        return
    yield say(
        "{endpoint}: {events} events among {n} patients; the median was {median}.",
        endpoint=_endpoint_label(protocol, paramcd),
        events=count(results, place, "n_events"),
        n=count(results, place),
        median=with_interval(results, place, "median", "months", tr(" months")),
    )
    rates = [
        say(
            "{rate} at {month} months",
            rate=with_interval(results, place, "rate", "percent", "%", row.time_months),
            month=Label(f"{row.time_months:g}"),
        )
        for row in results.of(place, "rate")
    ]
    if rates:
        yield say("The Kaplan-Meier estimate was {rates}.", rates=listed(rates))


def subgroups(results: Results, protocol: Protocol) -> Iterator[Text]:
    """Medians by level with the log-rank test, endpoint by endpoint."""
    for choice in protocol.analysis.endpoints:
        for name in protocol.analysis.curves_by:
            test = Place(LOGRANK, choice.paramcd, name)
            if results.has(test, "p_value"):
                covariate = _covariate(protocol, name)
                yield say(
                    "Median {endpoint} by {group}. {medians}; {test}.",
                    endpoint=lower_case(label_text(choice)),
                    group=lower_case(label_text(covariate)),
                    medians=_medians(results, choice.paramcd, covariate),
                    test=p_value(results.number(test, "p_value"), "log-rank"),
                )
    if protocol.analysis.curves_by:
        yield say("Subgroup comparisons are exploratory and not adjusted for each other.")


def _medians(results: Results, paramcd: str, covariate: Covariate) -> Text:
    return listed(
        (
            say(
                "{level}: {median}",
                level=named(level),
                median=with_interval(results, place, "median", "months", tr(" months")),
            )
            for level in covariate.levels
            for place in (Place(SURVIVAL, paramcd, covariate.name, level.label),)
        ),
        "; ",
    )


def factors(results: Results, protocol: Protocol) -> Iterator[Text]:
    """Hazard ratios of the adjusted model, each beside the unadjusted one; associations, not effects."""
    chosen = protocol.analysis
    model = Place(MULTIVARIABLE, chosen.cox_endpoint)
    if not chosen.cox_multivariable or not results.has(model, "n"):
        return
    yield say(
        "The adjusted Cox model of {endpoint} held {n} patients with complete data and {events} events.",
        endpoint=lower_case(str(_endpoint_label(protocol, chosen.cox_endpoint))),
        n=count(results, model),
        events=count(results, model, "n_events"),
    )
    for name in chosen.cox_multivariable:
        yield from _ratios(results, protocol, _covariate(protocol, name))
    yield say("Hazard ratios describe associations in this cohort, not effects of a factor.")


def _ratios(results: Results, protocol: Protocol, covariate: Covariate) -> Iterator[Text]:
    reference = reference_level(covariate)
    for code, level in enumerate(covariate.levels):
        if code == reference:
            continue
        adjusted, alone = (
            Place(analysis, protocol.analysis.cox_endpoint, variable=covariate.name, variable_level=level.label)
            for analysis in (MULTIVARIABLE, UNIVARIATE)
        )
        yield say(
            "{factor}, {level} against {reference}: adjusted hazard ratio {adjusted}{unadjusted}.",
            factor=named(covariate),
            level=named(level),
            reference=named(covariate.levels[reference]),
            adjusted=_ratio(results, adjusted),
            unadjusted=say("; unadjusted {ratio}", ratio=_ratio(results, alone)) if results.has(alone, "hr") else (),
        )


def _ratio(results: Results, place: Place) -> Text:
    ratio = with_interval(results, place, "hr", "ratio", "")
    test = results.number(place, "p_value")
    return ratio if test.value is None else say("{ratio}, {test}", ratio=ratio, test=p_value(test, "Wald"))


def _endpoint_label(protocol: Protocol, paramcd: str) -> Label:
    found = next((named(one) for one in protocol.analysis.endpoints if one.paramcd == paramcd), None)
    return found or Label(tr("Duration of response") if paramcd == RESPONSE_DURATION else paramcd)


def _covariate(protocol: Protocol, name: str) -> Covariate:
    return next(covariate for covariate in protocol.covariates if covariate.name == name)
