"""The top of the report: the large numbers, the cutoff, the centres."""

from dataclasses import dataclass

from analysis.ard import Place, Results
from analysis.estimates.response import RESPONSE
from analysis.estimates.survival import SURVIVAL
from analysis.report.language import Language, spoken, tr
from analysis.report.parts import Kind, Label, Number, Text, convention, interval, say
from models.protocol import Protocol, Study


@dataclass(frozen=True)
class KeyFigure:
    """One of the large numbers at the top: the number with its unit, and what stands below it."""

    heading: str
    number: Number
    unit: str
    below: tuple[Text, ...]


def title(study: Study) -> str:
    """The study's title in the language of the report, English where there is no other."""
    return study.title_zh if spoken() == "zh" and study.title_zh else study.title


def other_titles(study: Study) -> dict[Language, str]:
    """The study's title in the languages that the report does not speak."""
    titles: dict[Language, str | None] = {"en": study.title, "zh": study.title_zh}
    return {language: words for language, words in titles.items() if words and words != title(study)}


def description(study: Study) -> str:
    """What the protocol says of the study, in the language of the report."""
    return study.description_zh if spoken() == "zh" and study.description_zh else study.description


def key_figures(results: Results, protocol: Protocol) -> list[KeyFigure]:
    """Patients, response rates, and the median of each endpoint."""
    screened = results.number(Place("cohort"), "n_screened")
    patients = Number(results.number(Place("cohort"), "n"), "count")
    shown = [KeyFigure(tr("Patients"), patients, "", (say("of {n} screened", n=Number(screened, "count")),))]
    if protocol.analysis.response:
        for name, heading in (("orr", tr("Objective response")), ("dcr", tr("Disease control"))):
            shown.append(_key_figure(results, Place(RESPONSE, variable=name), heading, "pct", "percent", "%"))
    for endpoint in protocol.analysis.endpoints:
        place = Place(SURVIVAL, endpoint.paramcd)
        events = say("{n} events", n=Number(results.number(place, "n_events"), "count"))
        heading = f"{tr('Median')} {endpoint.paramcd}"
        figure = _key_figure(results, place, heading, "median", "months", tr("months"))
        shown.append(KeyFigure(figure.heading, figure.number, figure.unit, (*figure.below, events)))
    return shown


def _key_figure(results: Results, place: Place, heading: str, statistic: str, kind: Kind, unit: str) -> KeyFigure:
    estimate, lower, upper = (
        results.number(place, name) for name in (statistic, f"{statistic}_lower", f"{statistic}_upper")
    )
    below = say("{ci} {limits}", ci=convention("95% CI"), limits=interval(lower, upper, kind))
    return KeyFigure(heading, Number(estimate, kind), unit if estimate.value is not None else "", (below,))


def cutoffs(results: Results) -> list[Number]:
    """The cutoff of each centre, once where all centres share it."""
    rows = [row for row in results.rows if row.analysis == "centres" and row.statistic == "data_cutoff"]
    return [Number(row, "text") for row in {row.value_text: row for row in rows}.values()]


def centres(results: Results) -> list[Label]:
    """The centres whose patients were screened."""
    places = [place for place in results.places("centres") if place.endpoint is None]
    return [Label(place.group_level or "", "data") for place in places]
