"""Time to event with reasons (R6): OS, PFS and its named variants, TTP, TTNT, duration of and time to response."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tests.reference.days import NO, UNKNOWN, YES, after, seen, until
from tests.reference.response import CR, EVALUABLE, PD, PR, Assessment, assessments_in_window, one_a_day

EVENT, CENSORED, NO_ASSESSMENT, NEW_THERAPY, MISSED_ASSESSMENTS, ONGOING, LOST = 0, 1, 2, 3, 4, 5, 6
NO_BASELINE, DISPUTED_DEATH, COMPETING = 7, 8, 9

DESCRIPTIONS = {
    CENSORED: "LAST EVALUABLE ASSESSMENT",
    NO_ASSESSMENT: "NO POST-BASELINE ASSESSMENT",
    NEW_THERAPY: "NEW ANTICANCER THERAPY",
    MISSED_ASSESSMENTS: "TWO OR MORE MISSED ASSESSMENTS",
    ONGOING: "ONGOING AT CUTOFF",
    LOST: "LOST TO FOLLOW-UP ON TREATMENT",
    NO_BASELINE: "NO BASELINE ASSESSMENT",
    DISPUTED_DEATH: "DEATH DATE CONFLICT",
    COMPETING: "DEATH WITHOUT PROGRESSION (COMPETING)",
}


@dataclass(frozen=True)
class SurvivalRules:
    """Parameters of R0.5 and R6; `missed_assessments` is the number of intervals that may pass (two, from the text)."""

    tte_add_one: int
    days_per_month: float
    assess_interval_days: int
    assess_window_days: int
    activity_after_death_days: int
    missed_assessments: int = 2

    @property
    def longest_interval_days(self) -> int:
        """Longest interval without an assessment that is not yet 'two missed'."""
        return self.missed_assessments * self.assess_interval_days + self.assess_window_days


@dataclass(frozen=True)
class FollowUp:
    """What is known of one patient from the index on.

    `alive` are proofs of life (R6.3), `activity` the kinds of row that no dead patient has;
    `discontinued` is Y, N or U.
    """

    index: dt.date
    assessments: tuple[Assessment, ...] = ()
    relapses: tuple[dt.date, ...] = ()
    clinical_progressions: tuple[dt.date, ...] = ()
    death: dt.date | None = None
    alive: tuple[dt.date, ...] = ()
    activity: tuple[dt.date, ...] = ()
    new_therapy: dt.date | None = None
    next_line: dt.date | None = None
    has_baseline_assessment: bool = True
    last_dose: dt.date | None = None
    discontinued: str = UNKNOWN


@dataclass(frozen=True)
class TimeToEvent:
    """One row of adtte."""

    paramcd: str
    start: dt.date
    end: dt.date
    cnsr: int
    description: str
    aval_days: int
    aval_months: float


def as_of(follow_up: FollowUp, cutoff: dt.date | None) -> FollowUp:
    """The patient as known at the data cutoff: later rows do not exist (R0.4).

    silent: who was alive after the cutoff was alive at the cutoff (TE06).
    """

    def known(day: dt.date | None) -> dt.date | None:
        return day if seen(day, cutoff) else None

    return FollowUp(
        index=follow_up.index,
        assessments=tuple(one_a_day(a for a in follow_up.assessments if seen(a.date, cutoff))),
        relapses=tuple(day for day in follow_up.relapses if seen(day, cutoff)),
        clinical_progressions=tuple(day for day in follow_up.clinical_progressions if seen(day, cutoff)),
        death=known(follow_up.death),
        alive=tuple(until(day, cutoff) for day in follow_up.alive),
        activity=tuple(day for day in follow_up.activity if seen(day, cutoff)),
        new_therapy=known(follow_up.new_therapy),
        next_line=known(follow_up.next_line),
        has_baseline_assessment=follow_up.has_baseline_assessment,
        last_dose=None if follow_up.last_dose is None else until(follow_up.last_dose, cutoff),
        discontinued=follow_up.discontinued,
    )


class Endpoints:
    """The endpoints of one patient at one cutoff.

    silent: a disputed death (R6.3) is no event of any endpoint, the code of who has no other event is 8, and nothing on
    or after its day counts, as the text says of the last sign of life.
    silent: a death before the index date is disputed too.
    silent: a relapse is a progression (R0.3 treats the two as one).
    silent: PD and death on one day are a progression; a PD on or before the index day is no event of these endpoints, a
    death on the index day is.
    """

    def __init__(self, follow_up: FollowUp, cutoff: dt.date | None, rules: SurvivalRules) -> None:
        self.known = as_of(follow_up, cutoff)
        self.rules = rules
        death, limit = self.known.death, rules.activity_after_death_days
        latest = max((*self.known.activity, self.known.index))
        self.is_disputed = death is not None and (latest > after(death, limit) or death < self.known.index)
        self.death = None if self.is_disputed else death
        self.end = death if self.is_disputed else None
        recist = [a.date for a in self.known.assessments if a.response == PD]
        self.progression = self._first([*recist, *self.known.relapses])
        evaluable = [a.date for a in self.known.assessments if a.response in EVALUABLE]
        self.evaluable = [day for day in evaluable if self._counts(day)]

    def _counts(self, day: dt.date) -> bool:
        return day > self.known.index and (self.end is None or day < self.end)

    def _first(self, days: Iterable[dt.date]) -> dt.date | None:
        return min((day for day in days if self._counts(day)), default=None)

    def _row(
        self, paramcd: str, end: dt.date, cnsr: int, description: str, start: dt.date | None = None
    ) -> TimeToEvent:
        begin = start or self.known.index
        days = (end - begin).days + self.rules.tte_add_one
        return TimeToEvent(paramcd, begin, end, cnsr, description, days, days / self.rules.days_per_month)

    def _lad(self, limit: dt.date | None = None) -> dt.date:
        """lad(x): last evaluable assessment up to x, else index."""
        return max((day for day in self.evaluable if limit is None or day <= limit), default=self.known.index)

    def _last_alive(self) -> dt.date:
        """R6.2: last known alive, not before the index; before a disputed death when there is one."""
        return max([*(day for day in self.known.alive if self._counts(day)), self.known.index])

    def _censored_at_assessment(self, paramcd: str, start: dt.date | None = None) -> TimeToEvent:
        code = CENSORED if self.evaluable else NO_ASSESSMENT
        code = DISPUTED_DEATH if self.is_disputed else code
        return self._row(paramcd, self._lad(), code, DESCRIPTIONS[code], start)

    def _censored_alive(self, paramcd: str) -> TimeToEvent:
        if self.is_disputed:
            return self._row(paramcd, self._last_alive(), DISPUTED_DEATH, DESCRIPTIONS[DISPUTED_DEATH])
        return self._row(paramcd, self._last_alive(), CENSORED, "LAST KNOWN ALIVE")

    def _first_event(
        self, paramcd: str, events: list[tuple[dt.date | None, str]], start: dt.date | None = None
    ) -> TimeToEvent | None:
        """The earliest event; of two on one day the one listed first."""
        dated = [(day, rank, name) for rank, (day, name) in enumerate(events) if day is not None]
        if not dated:
            return None
        day, _, name = min(dated)
        return self._row(paramcd, day, EVENT, name, start)

    def os(self) -> TimeToEvent:
        """Overall survival."""
        return self._first_event("OS", [(self.death, "DEATH")]) or self._censored_alive("OS")

    def pfs(self) -> TimeToEvent:
        """Progression-free survival, treatment policy."""
        events = [(self.progression, "PROGRESSION"), (self.death, "DEATH")]
        return self._first_event("PFS", events) or self._censored_at_assessment("PFS")

    def pfsclin(self) -> TimeToEvent:
        """PFS in which clinical progression counts."""
        clinical = self._first(self.known.clinical_progressions)
        events = [(self.progression, "PROGRESSION"), (clinical, "CLINICAL PROGRESSION"), (self.death, "DEATH")]
        return self._first_event("PFSCLIN", events) or self._censored_at_assessment("PFSCLIN")

    def pfscomp(self) -> TimeToEvent:
        """PFS in which new therapy counts."""
        events = [
            (self.progression, "PROGRESSION"),
            (self.known.new_therapy, "NEW ANTICANCER THERAPY"),
            (self.death, "DEATH"),
        ]
        return self._first_event("PFSCOMP", events) or self._censored_at_assessment("PFSCOMP")

    def pfsfda(self) -> TimeToEvent:
        """PFS, regulatory censoring: the rules of R6.2 in their order."""
        limit, therapy = self.rules.longest_interval_days, self.known.new_therapy
        died_early = self.death is not None and (self.death - self.known.index).days <= limit
        if not self.known.has_baseline_assessment and not died_early:
            return self._row("PFSFDA", self.known.index, NO_BASELINE, DESCRIPTIONS[NO_BASELINE])
        event = self._first_event("PFSFDA", [(self.progression, "PROGRESSION"), (self.death, "DEATH")])
        if therapy is not None and (event is None or event.end > therapy):
            return self._row("PFSFDA", self._lad(therapy), NEW_THERAPY, DESCRIPTIONS[NEW_THERAPY])
        if event is None:
            return self._censored_at_assessment("PFSFDA")
        last = self._lad(event.end)
        if (event.end - last).days > limit:
            return self._row("PFSFDA", last, MISSED_ASSESSMENTS, DESCRIPTIONS[MISSED_ASSESSMENTS])
        return event

    def ttp(self) -> TimeToEvent:
        """Time to progression; death without it competes."""
        event = self._first_event("TTP", [(self.progression, "PROGRESSION"), (self.death, "DEATH")])
        if event is None:
            return self._censored_at_assessment("TTP")
        if event.description == "DEATH":
            return self._row("TTP", event.end, COMPETING, DESCRIPTIONS[COMPETING])
        return event

    def ttnt(self) -> TimeToEvent:
        """Time to next treatment or death."""
        events = [(self.known.next_line, "NEXT THERAPY"), (self.death, "DEATH")]
        return self._first_event("TTNT", events) or self._censored_alive("TTNT")

    def _stop(self) -> dt.date | None:
        """End of treatment as an event. silent: who dies on treatment stops with the last dose."""
        has_stopped = self.known.discontinued == YES or self.death is not None
        return self.known.last_dose if has_stopped else None

    def _still_treated(self, paramcd: str) -> TimeToEvent:
        code = ONGOING if self.known.discontinued == NO else LOST
        return self._row(paramcd, self.known.last_dose or self.known.index, code, DESCRIPTIONS[code])

    def ttd(self) -> TimeToEvent:
        """Time to discontinuation."""
        return self._first_event("TTD", [(self._stop(), "DISCONTINUED")]) or self._still_treated("TTD")

    def ttf(self) -> TimeToEvent:
        """Time to treatment failure."""
        failures = (self.progression, self.death, self.known.new_therapy, self._stop())
        events = [(day, "TREATMENT FAILURE") for day in failures]
        return self._first_event("TTF", events) or self._still_treated("TTF")

    def _first_response(self) -> dt.date | None:
        rows = assessments_in_window(self.known.assessments, self.known.index, self.known.new_therapy, None)
        return min((a.date for a in rows if a.response in (CR, PR)), default=None)

    def dor(self) -> TimeToEvent | None:
        """Duration of response, responders only."""
        response = self._first_response()
        if response is None:
            return None
        events = [(self.progression, "PROGRESSION"), (self.death, "DEATH")]
        return self._first_event("DOR", events, response) or self._censored_at_assessment("DOR", response)

    def ttr(self) -> TimeToEvent | None:
        """Time to response, responders only."""
        response = self._first_response()
        return None if response is None else self._row("TTR", response, EVENT, "FIRST RESPONSE")
