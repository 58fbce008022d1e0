"""What the study and published cohorts can be laid side by side in: response, medians, rates, severe events."""

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.ard import Place, Results, Row
from analysis.estimates.context import SEVERE, cohort_place
from analysis.estimates.response import RESPONSE
from analysis.estimates.safety import ANY_EVENT, event_place
from analysis.estimates.safety import SEVERE as SEVERE_GRADE
from analysis.estimates.survival import SURVIVAL
from analysis.report.language import spoken, tr
from analysis.report.parts import Kind, plain, say
from models.context import PublishedCohort
from models.protocol import Protocol


@dataclass(frozen=True)
class Estimate:
    """A number with its interval, where there is one."""

    value: Row
    lower: Row | None
    upper: Row | None


@dataclass(frozen=True)
class Panel:
    """One quantity: the study's own place for it and the cohorts' (variable and endpoint), statistic and month."""

    heading: str
    kind: Kind
    own_place: Place
    statistic: str
    variable: str | None = None
    endpoint: str | None = None
    month: float | None = None

    def own(self, results: Results) -> Estimate | None:
        """The study's own estimate."""
        return _estimate(results, self.own_place, self.statistic, self.month)

    def of(self, results: Results, cohort: str) -> Estimate | None:
        """What a published cohort printed of it."""
        return _estimate(results, cohort_place(cohort, self.variable, self.endpoint), self.statistic, self.month)


def _estimate(results: Results, place: Place, statistic: str, month: float | None) -> Estimate | None:
    found = [
        next((row for row in results.of(place, name) if row.time_months == month), None)
        for name in (statistic, f"{statistic}_lower", f"{statistic}_upper")
    ]
    if found[0] is None or found[0].value is None:
        return None
    return Estimate(found[0], found[1], found[2])


def spoken_words(words: str, chinese: str | None) -> str:
    """What the protocol says of a cohort in the language of the report."""
    return chinese if spoken() == "zh" and chinese else words


def name_and_treatment(cohort: PublishedCohort) -> tuple[str, str]:
    """A published cohort's name and treatment in the language of the report."""
    return spoken_words(cohort.name, cohort.name_zh), spoken_words(cohort.treatment, cohort.treatment_zh)


def panels(results: Results, protocol: Protocol) -> tuple[Panel, ...]:
    """The quantities that the study has and at least one cohort printed."""
    return tuple(
        panel
        for panel in _candidates(protocol)
        if panel.own(results) and any(panel.of(results, cohort.label) for cohort in protocol.context)
    )


def _candidates(protocol: Protocol) -> Iterator[Panel]:
    for name, words in (("orr", tr("Objective response, %")), ("dcr", tr("Disease control, %"))):
        yield Panel(words, "percent", Place(RESPONSE, variable=name), "pct", name)
    for endpoint in protocol.analysis.endpoints:
        code = endpoint.paramcd
        heading = plain(say("Median {endpoint}, months", endpoint=code))
        yield Panel(heading, "months", Place(SURVIVAL, code), "median", endpoint=code)
        for month in protocol.analysis.rate_months:
            heading = plain(say("{month}-month {endpoint}, %", month=str(month), endpoint=code))
            yield Panel(heading, "percent", Place(SURVIVAL, code), "rate", endpoint=code, month=float(month))
    severe = event_place("TRAE", ANY_EVENT["TRAE"], SEVERE_GRADE)
    yield Panel(tr("Grade ≥ 3 events, %"), "percent", severe, "pct", SEVERE)
