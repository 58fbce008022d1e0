"""Sentences about who was studied and how tumours responded."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.baseline import TABLE_ONE
from analysis.estimates.rechallenge import INTERVALS, RECHALLENGE
from analysis.estimates.response import NOT_EVALUABLE, RESPONSE
from analysis.estimates.survival import FOLLOW_UP, FOLLOW_UP_ENDPOINT
from analysis.report.draft.phrases import count, listed, lower_case, percent_of, with_interval
from analysis.report.language import tr
from analysis.report.parts import Number, Text, convention, interval, label_text, named, say
from analysis.report.words import RESPONSES
from models.protocol import Covariate, Protocol

COHORT = Place("cohort")
FOLLOW = Place(FOLLOW_UP, FOLLOW_UP_ENDPOINT, variable="reverse_km")


def cohort(results: Results, protocol: Protocol) -> Iterator[Text]:
    """Screened, excluded by criterion, included, followed."""
    yield say(
        "Of {screened} patients screened, {n} were included.",
        screened=count(results, COHORT, "n_screened"),
        n=count(results, COHORT),
    )
    leaving = [
        say("{criterion} ({n})", criterion=named(criterion), n=count(results, place, "n_left"))
        for criterion in protocol.criteria
        for place in (Place("attrition", variable=criterion.id),)
        if results.number(place, "n_left").value
    ]
    if leaving:
        yield say("Patients left at the first criterion that they failed: {criteria}.", criteria=listed(leaving, "; "))
    if results.has(FOLLOW, "median"):
        yield say(
            "Median follow-up for overall survival was {follow_up} by reverse Kaplan-Meier.",
            follow_up=with_interval(results, FOLLOW, "median", "months", tr(" months")),
        )


def baseline(results: Results, protocol: Protocol) -> Iterator[Text]:
    """Measured characteristics, and the levels of those that the study compares."""
    chosen = protocol.analysis
    compared = {*chosen.curves_by, *chosen.cox_multivariable}
    for covariate in protocol.covariates:
        place = Place(TABLE_ONE, variable=covariate.name)
        if covariate.show != "levels":
            low, high = (results.number(place, name) for name in ("min", "max"))
            yield say(
                "Median {label} was {median} {unit} (range {range}).",
                label=lower_case(label_text(covariate)),
                median=Number(results.number(place, "median"), "measure"),
                unit=tr(covariate.unit or ""),
                range=interval(low, high, "measure"),
            )
        if covariate.name in compared or covariate.type == "sex":
            yield say("{label}: {levels}.", label=named(covariate), levels=_levels(results, covariate))


def _levels(results: Results, covariate: Covariate) -> Text:
    return listed(
        (
            say("{level} in {patients}", level=named(level), patients=percent_of(results, place))
            for level in covariate.levels
            for place in (Place(TABLE_ONE, variable=covariate.name, variable_level=level.label),)
        ),
        "; ",
    )


def response(results: Results) -> Iterator[Text]:
    """Categories, objective response and disease control."""
    orr, dcr = (Place(RESPONSE, variable=name) for name in ("orr", "dcr"))
    if not results.has(orr, "pct"):
        return
    categories = [
        say("{category} in {patients}", category=lower_case(tr(words)), patients=percent_of(results, place))
        for category, words in RESPONSES.items()
        for place in (Place(RESPONSE, variable="bor", variable_level=category),)
        if category not in NOT_EVALUABLE and results.number(place, "n").value
    ]
    categories.append(
        say("not evaluable in {patients}", patients=percent_of(results, Place(RESPONSE, variable="not_evaluable")))
    )
    yield say(
        "Among all {total} included patients, best overall response was {categories}.",
        total=count(results, orr, "total"),
        categories=listed(categories),
    )
    for place, words in ((orr, tr("objective response rate")), (dcr, tr("disease control rate"))):
        yield say(
            "The {rate} was {percent}: {n} of {total} patients, exact interval ({method}).",
            rate=words,
            percent=with_interval(results, place, "pct", "percent", "%"),
            n=count(results, place),
            total=count(results, place, "total"),
            method=convention(results.number(place, "pct").method),
        )


def rechallenge(results: Results) -> Iterator[Text]:
    """Earlier checkpoint inhibitors, and the time since."""
    place = Place(RECHALLENGE)
    if not results.has(place, "n_prior_ici") or not results.number(place, "n_prior_ici").value:
        return
    interval_before = Place(INTERVALS)
    low, high = (results.number(interval_before, name) for name in ("q1", "q3"))
    yield say(
        "An immune checkpoint inhibitor had been given before in {n} patients; in {known} the treatment-free interval "
        "was known, with a median of {median} months (interquartile range {range}).",
        n=count(results, place, "n_prior_ici"),
        known=count(results, interval_before),
        median=Number(results.number(interval_before, "median"), "months"),
        range=interval(low, high, "months"),
    )
