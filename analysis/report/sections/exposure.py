"""The exposure groups that a protocol compares: who, how alike before and after weighting, and the effect."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.survival import WEIGHTED
from analysis.estimates.weighting import BALANCE, BALANCED, COMPARED, WEIGHTS
from analysis.report.cox_figures import subgroup_forests_of
from analysis.report.cox_tables import covariate_named
from analysis.report.curves import Series, draw_curves
from analysis.report.exposure_plots import draw_balance, draw_overlap
from analysis.report.exposure_tables import effect_table, group_labels, weights_table
from analysis.report.language import tr
from analysis.report.palette import level_colour
from analysis.report.parts import Label, Number, Text, convention, label_text, named, plain, say, sentences
from analysis.report.section import Block, Illustration, Prose, Section
from models.protocol import EndpointChoice, Exposure, Protocol

_FEW_PER_COEFFICIENT = 10


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Where the protocol names an exposure: overlap, weights, balance, weighted curves, effect, subgroups, limits."""
    exposure = protocol.analysis.exposure
    if exposure is None or not any(results.places(COMPARED)):
        return
    blocks: list[Block] = [Prose(_who(results, protocol, exposure))]
    if any(results.places(WEIGHTS)):
        blocks += [
            _overlap(results, protocol, exposure),
            weights_table(results, protocol, exposure),
            _balance(results, protocol, exposure),
            *(_curves(results, protocol, exposure, endpoint) for endpoint in protocol.analysis.endpoints),
        ]
    blocks += [effect_table(results, protocol, exposure), *subgroup_forests_of(results, protocol)]
    blocks.append(Prose(_limits()))
    yield Section("exposure", (tr("Comparison of exposure groups"),), tr("Exposure"), tuple(blocks))


def _who(results: Results, protocol: Protocol, exposure: Exposure) -> tuple[Text, ...]:
    place = Place(COMPARED, variable=exposure.covariate)
    exposed, control = (
        Number(results.number(Place(COMPARED, None, exposure.covariate, level), "n"), "count")
        for level in (exposure.exposed, exposure.control)
    )
    words = group_labels(protocol, exposure)
    names = tr(", ").join(label_text(covariate_named(protocol, name)) for name in exposure.adjusted_for)
    who = say(
        "{exposed_words} ({exposed}) is compared with {control_words} ({control}), weighted for: {covariates}. "
        "{left_out} patients are left out because one of these is unknown.",
        exposed_words=Label(words[0]),
        exposed=exposed,
        control_words=Label(words[1]),
        control=control,
        covariates=Label(names),
        left_out=Number(results.number(place, "n_left_out"), "count"),
    )
    return (sentences(((named(exposure),), who)), _positivity(results, place))


def _positivity(results: Results, place: Place) -> Text:
    outside = results.number(place, "n_outside_overlap")
    if outside.value is None:
        return say(
            "The groups cannot be weighted: {reason}. Only the unweighted ratio is shown.",
            reason=Number(outside, "text"),
        )
    share = results.number(place, "smaller_group_per_coefficient")
    found = say(
        "Scores by {method}; {outside} patients have a score that the other group does not reach.",
        method=convention(outside.method),
        outside=Number(outside, "count"),
    )
    if share.value is None or share.value >= _FEW_PER_COEFFICIENT:
        return found
    caution = say(
        "Caution: the smaller group has {share} patients for each coefficient of the score, which is few.",
        share=Number(share, "measure"),
    )
    return sentences((found, caution))


def _overlap(results: Results, protocol: Protocol, exposure: Exposure) -> Illustration:
    caption = say(
        "Overlap of propensity scores: patients with the exposure upwards, without it downwards; outlines: weighted. "
        "Where only one side has bars, nobody of the other group can stand in."
    )
    covariate = covariate_named(protocol, exposure.covariate)
    words = {level.label: label_text(level) for level in covariate.levels}
    labels = (words[exposure.exposed], words[exposure.control])
    figure = draw_overlap(results, exposure, label_text(covariate), labels)
    return Illustration("propensity_overlap", tr("Overlap of propensity scores"), figure, caption)


def _balance(results: Results, protocol: Protocol, exposure: Exposure) -> Illustration:
    place = Place(BALANCE, None, exposure.covariate)
    before, after = (results.number(place, f"largest_{when}") for when in ("before", "after"))
    caption = say(
        "Balance of the covariates: the largest difference falls from {before} to {after}; below {balanced} (dashed) "
        "counts as balanced. Measure: {method}.",
        before=Number(before, "ratio"),
        after=Number(after, "ratio"),
        balanced=Label(f"{BALANCED}", "convention"),
        method=convention(before.method),
    )
    return Illustration("balance", tr("Balance of the covariates"), draw_balance(results, protocol), caption)


def _curves(results: Results, protocol: Protocol, exposure: Exposure, endpoint: EndpointChoice) -> Illustration:
    levels = (exposure.exposed, exposure.control)
    places = [Place(WEIGHTED, endpoint.paramcd, exposure.covariate, level) for level in levels]
    covariate = covariate_named(protocol, exposure.covariate)
    colours = {level.label: level_colour(number) for number, level in enumerate(covariate.levels)}
    words = {level.label: label_text(level) for level in covariate.levels}
    series = tuple(Series(place, words[level], colours[level]) for place, level in zip(places, levels, strict=True))
    rate = next((row.method for row in results.of(places[0], "rate")), None)
    title = plain(say("{endpoint}, weighted, by {group}", endpoint=label_text(endpoint), group=label_text(covariate)))
    caption = say(
        "{title}. {method}; counts below the axis are of patients, not of weights.",
        title=Label(title),
        method=convention(rate),
    )
    figure = draw_curves(results, series, label_text(endpoint), label_text(covariate))
    name = f"weighted_{endpoint.paramcd.lower()}"
    return Illustration(name, title, figure, sentences((caption, (named(exposure),))))


def _limits() -> tuple[Text, ...]:
    return (
        say("What weighting does not solve:"),
        say(
            "It balances what was measured; who was chosen for an earlier treatment for reasons that nobody wrote down "
            "stays different. The E-value says how strong such a reason would have to be, not that there is none."
        ),
        say(
            "Patients had to live and stay fit until the index date to be in either group; who did not is in neither, "
            "and no weight brings them back."
        ),
        say(
            "In a small group a few patients carry much of the weight; the interval says how uncertain the ratio is "
            "only if the score's model is right."
        ),
    )
