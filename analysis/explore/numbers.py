"""The answer as the page shows it: the drawn curves and the table of numbers under them."""

from typing import TYPE_CHECKING

from analysis.ard import Place, Results, Row
from analysis.disclosure import FEWEST_FOR_A_CURVE
from analysis.estimates.levels import reference_level
from analysis.estimates.regression import UNIVARIATE
from analysis.estimates.response import DURATION_ENDPOINT
from analysis.estimates.survival import LOGRANK
from analysis.explore.answer import Answer, Group
from analysis.explore.question import splitting_covariates
from analysis.explore.standing import DCR, ORR
from analysis.report.curves import Series, draw_curves
from analysis.report.language import tr
from analysis.report.palette import INK, level_colour
from analysis.report.parts import Kind, Label, Number, Text, interval, label_text, say
from analysis.report.table import Column, Line, Table
from models.protocol import Covariate, EndpointChoice, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DASH: Text = ("–",)
_NO_BREAK = "\u00a0"


def endpoint_of(answer: Answer, protocol: Protocol) -> EndpointChoice:
    """The endpoint that was asked about."""
    return next(one for one in protocol.analysis.endpoints if one.paramcd == answer.question.endpoint)


def covariate_of(answer: Answer, protocol: Protocol) -> Covariate | None:
    """The covariate whose levels are compared."""
    return next((one for one in splitting_covariates(protocol) if one.name == answer.question.groups), None)


def draw(answer: Answer, protocol: Protocol) -> "Figure | None":
    """The curves that may be shown, with the numbers at risk under them; None where there is none."""
    if not answer.drawn:
        return None
    covariate = covariate_of(answer, protocol)
    series = tuple(
        Series(
            group.place, _heading(answer, group, covariate), INK if group.level is None else level_colour(group.level)
        )
        for group in answer.drawn
    )
    endpoint = endpoint_of(answer, protocol)
    is_duration = protocol.definition(endpoint)[0] == DURATION_ENDPOINT
    return draw_curves(
        answer.results,
        series,
        label_text(endpoint),
        label_text(covariate) if covariate else "",
        ("at_risk",),
        tr("Months since first response") if is_duration else "",
    )


def _heading(answer: Answer, group: Group, covariate: Covariate | None) -> str:
    if covariate is None or group.level is None:
        return tr("Chosen patients" if answer.question.conditions else "All patients")
    return label_text(covariate.levels[group.level])


def comparison(answer: Answer) -> Text:
    """Log-rank P of the groups, nothing where nobody is compared."""
    if answer.question.groups is None:
        return ()
    test = answer.results.number(Place(LOGRANK, answer.question.endpoint, answer.question.groups), "p_value")
    return say("Log-rank P {p}", p=Number(test, "p"))


def numbers_table(answer: Answer, protocol: Protocol) -> Table:
    """One column a group: counts, median, rates, hazard ratio, responses."""
    covariate = covariate_of(answer, protocol)
    results, groups = answer.results, answer.groups
    lines = [
        Line(tr("Patients"), tuple(_cell(results, group.place, "n", "count") for group in groups)),
        Line(tr("Events"), tuple(_cell(results, group.place, "n_events", "count") for group in groups)),
        Line(
            Label(tr("Median, months (95% CI)"), "convention"),
            tuple(_with_limits(results, group.place, "median", "months") for group in groups),
        ),
    ]
    for month in protocol.analysis.rate_months:
        head = Label(tr("{month}-month rate, % (95% CI)").format(month=month), "convention")
        lines.append(
            Line(head, tuple(_with_limits(results, group.place, "rate", "percent", float(month)) for group in groups))
        )
    if covariate is not None:
        lines += _ratio_lines(answer, covariate)
    if protocol.analysis.response:
        lines += _response_lines(answer)
    return Table(
        "numbers",
        (),
        label_text(covariate) if covariate else "",
        tuple(Column(_heading(answer, group, covariate)) for group in groups),
        tuple(lines),
        _notes(answer, covariate, protocol),
    )


def _cell(results: Results, place: Place, statistic: str, kind: Kind) -> Text:
    return (Number(results.number(place, statistic), kind),)


def _with_limits(results: Results, place: Place, statistic: str, kind: Kind, time: float | None = None) -> Text:
    value, lower, upper = (results.number(place, f"{statistic}{end}", time) for end in ("", "_lower", "_upper"))
    if value.value is None:
        return (Number(value, kind),)
    return (Number(value, kind), " (", *_unbroken(interval(lower, upper, kind)), ")")


def _unbroken(text: Text) -> Text:
    """The same text on one line, however narrow its column."""
    return tuple(part.replace(" ", _NO_BREAK) if isinstance(part, str) else part for part in text)


def _ratio_lines(answer: Answer, covariate: Covariate) -> list[Line]:
    ratios: list[Text] = []
    tests: list[Text] = []
    for code, level in enumerate(covariate.levels):
        place = Place(UNIVARIATE, answer.question.endpoint, variable=covariate.name, variable_level=level.label)
        if code == reference_level(covariate):
            ratios.append((tr("reference"),))
            tests.append(_DASH)
            continue
        ratios.append(_with_limits(answer.results, place, "hr", "ratio"))
        has_ratio = answer.results.number(place, "hr").value is not None
        tests.append(_cell(answer.results, place, "p_value", "p") if has_ratio else _DASH)
    return [
        Line(Label(tr("Hazard ratio (95% CI)"), "convention"), tuple(ratios)),
        Line(tr("P of the hazard ratio"), tuple(tests)),
    ]


def _response_lines(answer: Answer) -> list[Line]:
    names = {ORR: tr("Objective response, % (95% CI)"), DCR: tr("Disease control, % (95% CI)")}
    return [
        Line(
            Label(words, "convention"),
            tuple(_response(answer.results, group.responses[rate]) for group in answer.groups),
        )
        for rate, words in names.items()
    ]


def _response(results: Results, place: Place) -> Text:
    count = results.number(place, "n")
    if count.value is None or results.number(place, "pct").value is None:
        return (Number(count, "count"),)
    parts = (Number(count, "count"), "/", Number(results.number(place, "total"), "count"))
    return (*parts, f":{_NO_BREAK}", *_with_limits(results, place, "pct", "percent"))


def _notes(answer: Answer, covariate: Covariate | None, protocol: Protocol) -> tuple[Text, ...]:
    """How the numbers were made, and what is not shown."""
    results, first = answer.results, answer.groups[0]
    median, rate = (next(results.of(first.place, statistic), None) for statistic in ("median", "rate"))
    methods = say("Medians: {method}.", method=_method(median))
    if rate is not None:
        methods += (" ", *say("Rates: {method}.", method=_method(rate)))
    if covariate is not None:
        level = covariate.levels[0 if reference_level(covariate) else -1]
        place = Place(UNIVARIATE, answer.question.endpoint, variable=covariate.name, variable_level=level.label)
        ratio = next(results.of(place, "hr"), None)
        if ratio is not None:
            methods += (" ", *say("Hazard ratios: {method}.", method=_method(ratio)))
    if protocol.analysis.response:
        methods += (" ", *say("Responses: {method}.", method=Label("Clopper-Pearson", "convention")))
    return (methods, *_withheld_notes(answer))


def _method(row: Row | None) -> Label:
    return Label(tr(row.method or "") if row else "", "convention")


def _withheld_notes(answer: Answer) -> tuple[Text, ...]:
    notes: list[Text] = []
    if answer.k > 1:
        numbers = {"one": 1, "most": answer.k - 1, "k": answer.k, "fewest": max(answer.k, FEWEST_FOR_A_CURVE)}
        notes.append(
            say(
                "Disclosure control: counts of {one} to {most} are not shown, nor numbers from which such a count "
                "would follow ('withheld', or a dash). A curve needs {fewest} patients, and ends where fewer than {k} "
                "are at risk.",
                **{name: Label(str(number), "convention") for name, number in numbers.items()},
            )
        )
    if answer.has_unplaced:
        notes.append((tr("Patients of whom this characteristic is not known are in no group."),))
    return tuple(notes)
