"""Time to event with reasons (R6): every endpoint of R6.2 under every value of its parameters."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

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


PRESETS: Mapping[str, Mapping[str, str]] = {
    "PFSFDA": {
        "pfs_nact": "CENSOR",
        "pfs_nact_censor_at": "LAST_ASSESSMENT",
        "pfs_censor_at": "LAST_ASSESSMENT",
        "pfs_missed_assessments": "CENSOR",
        "pfs_no_baseline": "CENSOR",
        "pd_source": "IMAGING",
        "clinical_pd_counts": "N",
    },
    "PFSCLIN": {"pd_source": "EITHER"},
    "PFSCOMP": {"pfs_nact": "EVENT"},
}
PRIMARY_PRESETS = {"treatment_policy": {}, "fda": PRESETS["PFSFDA"], "composite": PRESETS["PFSCOMP"]}
NOT_FOR_PFS_ALONE = {"pfs_nact": "IGNORE", "pfs_missed_assessments": "IGNORE", "pfs_no_baseline": "IGNORE"}
OF_OTHERS: Mapping[str, Mapping[str, str]] = {
    "OS": {**NOT_FOR_PFS_ALONE, "death_event": "ANY"},
    "TTP": {**NOT_FOR_PFS_ALONE, "pfs_censor_at": "LAST_ASSESSMENT"},
    "TTNT": NOT_FOR_PFS_ALONE,
    "TTD": NOT_FOR_PFS_ALONE,
    "TTF": NOT_FOR_PFS_ALONE,
    "TTR": NOT_FOR_PFS_ALONE,
}


@dataclass(frozen=True)
class SurvivalRules:
    """Parameters of R0.5 and R6; `values` are those that an endpoint may override.

    `missed_assessments` is the number of intervals that may pass (two, from the text).
    """

    tte_add_one: int
    days_per_month: float
    activity_after_death_days: int
    values: Mapping[str, str]
    missed_assessments: int = 2

    def of(self, base: str, own: Mapping[str, str]) -> dict[str, str]:
        """The values that one endpoint follows: its own, else those of its name, else the study's."""
        named = PRESETS.get(base) or OF_OTHERS.get(base) or PRIMARY_PRESETS[self.values["pfs_primary"]]
        values = {**self.values, **named, **own}
        if values["clinical_pd_counts"] == "Y" and values["pd_source"] == "IMAGING":
            values["pd_source"] = "EITHER"
        return values

    def longest_interval_days(self, values: Mapping[str, str]) -> int:
        """Longest interval without an assessment that is not yet 'two missed'."""
        return self.missed_assessments * int(values["assess_interval_days"]) + int(values["assess_window_days"])


@dataclass(frozen=True)
class Treatment:
    """What is known of the index treatment, or of one component: its last dose, and whether it was discontinued."""

    last_dose: dt.date | None = None
    discontinued: str = UNKNOWN


@dataclass(frozen=True)
class FollowUp:
    """What is known of one patient from the index on.

    `last_scans` are the last evaluable scans of evaluable time points, where they came after the response (R5.1.5);
    `alive` are proofs of life (R6.3), `activity` the kinds of row that no dead patient has; `died_with_tumour` and
    `discontinued` are Y, N or U.
    """

    index: dt.date
    assessments: tuple[Assessment, ...] = ()
    last_scans: tuple[dt.date, ...] = ()
    relapses: tuple[dt.date, ...] = ()
    clinical_progressions: tuple[dt.date, ...] = ()
    death: dt.date | None = None
    alive: tuple[dt.date, ...] = ()
    activity: tuple[dt.date, ...] = ()
    new_therapy: dt.date | None = None
    next_line: dt.date | None = None
    has_baseline_assessment: bool = True
    treatment: Treatment = Treatment()
    components: Mapping[str, Treatment] = field(default_factory=dict)
    line_start: dt.date | None = None
    diagnosis: dt.date | None = None
    died_with_tumour: str = UNKNOWN
    next_line_same_cancer: dt.date | None = None


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

    return replace(
        follow_up,
        assessments=tuple(one_a_day(a for a in follow_up.assessments if seen(a.date, cutoff))),
        last_scans=tuple(day for day in follow_up.last_scans if seen(day, cutoff)),
        relapses=tuple(day for day in follow_up.relapses if seen(day, cutoff)),
        clinical_progressions=tuple(day for day in follow_up.clinical_progressions if seen(day, cutoff)),
        death=known(follow_up.death),
        alive=tuple(until(day, cutoff) for day in follow_up.alive),
        activity=tuple(day for day in follow_up.activity if seen(day, cutoff)),
        new_therapy=known(follow_up.new_therapy),
        next_line=known(follow_up.next_line),
        next_line_same_cancer=known(follow_up.next_line_same_cancer),
        treatment=_cut(follow_up.treatment, cutoff),
        components={name: _cut(treatment, cutoff) for name, treatment in follow_up.components.items()},
    )


def _cut(treatment: Treatment, cutoff: dt.date | None) -> Treatment:
    last_dose = None if treatment.last_dose is None else until(treatment.last_dose, cutoff)
    return replace(treatment, last_dose=last_dose)


@dataclass(frozen=True)
class _End:
    """A possible end of a time; a code of None leaves the time unknown."""

    day: dt.date
    cnsr: int | None
    description: str


class Endpoints:
    """The endpoints of one patient at one cutoff.

    silent: a disputed death (R6.3) is no event of any endpoint; the code of who has no other event is 8, but for the
    end of treatment; nothing on or after its day counts, as the text says of the last sign of life.
    silent: a death before the index date is disputed too; nothing counts after an accepted death either.
    silent: a relapse is a progression (R0.3 treats the two as one).
    silent: PD and death on one day are a progression; a PD on or before the index day is no event of these endpoints, a
    death on the index day is.
    silent: a death that is no event (of another cause) competes, code 9 at the death, as in TTP.
    silent: another start of the clock moves the start alone; who is followed is followed from index.
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
        self.imaging = self._first([*recist, *self.known.relapses])
        self.clinical = self._first(self.known.clinical_progressions)
        self.new_therapy = self._first([self.known.new_therapy])
        evaluable = [a.date for a in self.known.assessments if a.response in EVALUABLE]
        self.evaluable = [day for day in [*evaluable, *self.known.last_scans] if self._counts(day)]

    def row(
        self, paramcd: str, base: str = "", own: Mapping[str, str] | None = None, component: str = ""
    ) -> TimeToEvent | None:
        """One endpoint: of the rule book, or varying one of it (`base`); None where the patient has no such time."""
        base = base or paramcd
        values = self.rules.of(base, own or {})
        kind = "PFS" if base in PRESETS else base
        start = self._first_response() if kind == "DOR" else self._start(values)
        end = None if start is None else self._ruled(values, start, self._events(kind, values, component))
        if end is None and start is not None:
            end = self._censored(kind, values, component)
        if start is None or end is None or end.cnsr is None:
            return None
        day = max(start, end.day)
        days = (day - start).days + self.rules.tte_add_one
        months = days / self.rules.days_per_month
        return TimeToEvent(paramcd, start, day, end.cnsr, end.description, days, months)

    def _counts(self, day: dt.date) -> bool:
        is_living = (self.end is None or day < self.end) and (self.death is None or day <= self.death)
        return day > self.known.index and is_living

    def _first(self, days: Iterable[dt.date | None]) -> dt.date | None:
        return min((day for day in days if day is not None and self._counts(day)), default=None)

    def _start(self, values: Mapping[str, str]) -> dt.date | None:
        starts = {"INDEX": self.known.index, "LINE": self.known.line_start, "DIAGNOSIS": self.known.diagnosis}
        return starts[values["tte_start"]]

    def _first_response(self) -> dt.date | None:
        rows = assessments_in_window(self.known.assessments, self.known.index, self.known.new_therapy, None)
        return self._first(a.date for a in rows if a.response in (CR, PR))

    def _lad(self, limit: dt.date | None = None) -> dt.date:
        """lad(x): last evaluable assessment up to x, else index."""
        return max((day for day in self.evaluable if limit is None or day <= limit), default=self.known.index)

    def last_alive(self) -> dt.date:
        """R6.2: last known alive, not before the index; before a disputed death when there is one."""
        return max([*(day for day in self.known.alive if self._counts(day)), self.known.index])

    def _progressions(self, values: Mapping[str, str]) -> list[_End]:
        source = values["pd_source"]
        found = []
        if source in ("IMAGING", "EITHER") and self.imaging:
            found.append(_End(self.imaging, EVENT, "PROGRESSION"))
        if source in ("CLINICIAN", "EITHER") and self.clinical:
            found.append(_End(self.clinical, EVENT, "CLINICAL PROGRESSION"))
        if source == "BOTH" and self.imaging and self.clinical:
            found.append(_End(max(self.imaging, self.clinical), EVENT, "PROGRESSION"))
        return found

    def _deaths(self, values: Mapping[str, str]) -> list[_End]:
        if self.death is None:
            return []
        if values["death_event"] == "ANY":
            return [_End(self.death, EVENT, "DEATH")]
        if self.known.died_with_tumour == YES:
            return [_End(self.death, EVENT, "DEATH WITH TUMOUR")]
        if self.known.died_with_tumour == NO:
            return [_End(self.death, COMPETING, "DEATH WITHOUT TUMOUR (COMPETING)")]
        code = {"WITH_TUMOUR": EVENT, "WITHOUT_TUMOUR": COMPETING, "UNKNOWN": None}[values["death_cause_unknown"]]
        competing = " (COMPETING)" if code == COMPETING else ""
        return [_End(self.death, code, f"DEATH OF UNKNOWN CAUSE{competing}")]

    def _events(self, kind: str, values: Mapping[str, str], component: str) -> list[_End]:
        """What may end the time, of two on one day the one listed first."""
        progressions, any_death = self._progressions(values), self._deaths({"death_event": "ANY"})
        if kind == "OS":
            return self._deaths(values)
        if kind in ("PFS", "DOR"):
            therapy = [self.new_therapy] if values["pfs_nact"] == "EVENT" and self.new_therapy else []
            return [*progressions, *self._deaths(values), *(_End(t, EVENT, "NEW ANTICANCER THERAPY") for t in therapy)]
        if kind == "TTP":
            return [*progressions, *(_End(d.day, COMPETING, DESCRIPTIONS[COMPETING]) for d in any_death)]
        if kind == "TTNT":
            any_cancer = values["ttnt_scope"] == "ANY_CANCER"
            line = self._first([self.known.next_line if any_cancer else self.known.next_line_same_cancer])
            return [*([_End(line, EVENT, "NEXT THERAPY")] if line else []), *any_death]
        if kind == "TTR":
            response = self._first_response()
            return [_End(response, EVENT, "FIRST RESPONSE")] if response else []
        stop = self._stop(component)
        if kind == "TTD":
            return [_End(stop, EVENT, "DISCONTINUED")] if stop else []
        failures = [*(e.day for e in [*progressions, *any_death]), self.new_therapy, stop]
        return [_End(day, EVENT, "TREATMENT FAILURE") for day in failures if day is not None]

    def _ruled(self, values: Mapping[str, str], start: dt.date, events: list[_End]) -> _End | None:
        """The first event, unless one of the regulatory rules that the study asks for censors it, in their order."""
        event = min((e for e in events if e.day >= start), key=lambda e: e.day, default=None)
        limit = self.rules.longest_interval_days(values)
        if values["pfs_no_baseline"] == "CENSOR" and not self.known.has_baseline_assessment:
            died_early = self.death is not None and (self.death - self.known.index).days <= limit
            if not died_early:
                return _End(self.known.index, NO_BASELINE, DESCRIPTIONS[NO_BASELINE])
        therapy = self.new_therapy if values["pfs_nact"] == "CENSOR" else None
        if therapy is not None:
            tie = event is not None and event.day == therapy and values["pfs_nact_tie"] == "CENSOR"
            if event is None or event.day > therapy or tie:
                at_start = values["pfs_nact_censor_at"] == "NACT_START"
                day = therapy if at_start else self._lad(therapy)
                return _End(day, NEW_THERAPY, DESCRIPTIONS[NEW_THERAPY])
        if event is not None and values["pfs_missed_assessments"] == "CENSOR":
            last = self._lad(event.day)
            if (event.day - last).days > limit:
                return _End(last, MISSED_ASSESSMENTS, DESCRIPTIONS[MISSED_ASSESSMENTS])
        return event

    def _censored(self, kind: str, values: Mapping[str, str], component: str) -> _End | None:
        if kind == "TTR":
            return None
        if kind in ("TTD", "TTF"):
            return self._still_treated(component)
        at_last_alive = kind in ("OS", "TTNT") or values["pfs_censor_at"] == "LAST_ALIVE"
        day = self.last_alive() if at_last_alive else self._lad()
        if self.is_disputed:
            return _End(day, DISPUTED_DEATH, DESCRIPTIONS[DISPUTED_DEATH])
        if at_last_alive:
            return _End(day, CENSORED, "LAST KNOWN ALIVE")
        code = CENSORED if self.evaluable else NO_ASSESSMENT
        return _End(day, code, DESCRIPTIONS[code])

    def _treatment(self, component: str) -> Treatment | None:
        return self.known.components.get(component) if component else self.known.treatment

    def _stop(self, component: str) -> dt.date | None:
        """End of treatment as an event. silent: who dies on treatment stops with the last dose."""
        treatment = self._treatment(component)
        if treatment is None or treatment.last_dose is None:
            return None
        has_stopped = treatment.discontinued == YES or self.death is not None
        return max(treatment.last_dose, self.known.index) if has_stopped else None

    def _still_treated(self, component: str) -> _End | None:
        treatment = self._treatment(component)
        if treatment is None or treatment.last_dose is None:
            return None
        code = ONGOING if treatment.discontinued == NO else LOST
        return _End(max(treatment.last_dose, self.known.index), code, DESCRIPTIONS[code])
