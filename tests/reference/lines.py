"""Lines of therapy: the state machine of R2.4, curative courses (R2.5) and line numbers (R2.6)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.reference.days import add_months, after

CURATIVE, PALLIATIVE = "CURATIVE", "PALLIATIVE"
CURATIVE_INTENTS = ("CURATIVE", "NEOADJUVANT", "ADJUVANT", "DEFINITIVE")


@dataclass(frozen=True)
class DrugEpisode:
    """An exposure episode as the line rules see it.

    `sub_group` is empty where the drug has none, `doses` where the days of administration are not known.
    """

    drug_key: str
    base_ingredient: str
    sub_group: str
    start: dt.date
    last_dose: dt.date
    covered_through: dt.date
    doses: tuple[dt.date, ...] = ()
    counts_in_lot: bool = True
    local_route: bool = False
    intent: str = ""
    planned_maintenance: bool = False
    cycle_days: int = 21

    @property
    def is_investigational(self) -> bool:
        """True for the token of a blinded trial drug (R1.8)."""
        return self.drug_key.startswith("BLINDED")


@dataclass(frozen=True)
class Radiotherapy:
    """A course of radiotherapy; `is_curative` by its recorded intent."""

    start: dt.date
    end: dt.date
    dose_gy: int
    is_curative: bool


@dataclass(frozen=True)
class Course:
    """What happened to the patient beside drugs, up to the cutoff."""

    progressions: tuple[dt.date, ...] = ()
    non_progressions: tuple[dt.date, ...] = ()
    advanced_date: dt.date | None = None
    resections: tuple[dt.date, ...] = ()
    radiotherapies: tuple[Radiotherapy, ...] = ()


@dataclass(frozen=True)
class LineRules:
    """Parameters of R2.4 and R2.5."""

    combo_window_days: int
    line_gap_days: int
    tbp_max_gap_days: int
    nonpd_max_age_days: int
    unknown_pd_policy: str
    curative_to_line_months: int
    neoadj_to_surgery_max_days: int
    adj_start_max_days: int
    definitive_rt_min_gy: int
    gap_exempt_drugs: tuple[str, ...] = ()
    maintenance_drugs: tuple[str, ...] = ()
    switch_maint_max_days: int = 42
    maintenance_min_cycles: int = 2


@dataclass(frozen=True)
class Maintenance:
    """The phase of a line in which only some of its drugs are still given; `end` is the last covered day."""

    start: dt.date
    end: dt.date
    regimen: tuple[str, ...]


@dataclass(frozen=True)
class Line:
    """One line of one patient."""

    line_seq: int
    setting: str
    is_counted: bool
    line_no: int | None
    start: dt.date
    last_dose: dt.date
    regimen: tuple[str, ...]
    advance_reason: str
    tags: tuple[str, ...]
    enlist_label: str
    n_progressions: int
    lot_label: str
    pd_status_known: bool
    maintenance: Maintenance | None


@dataclass(frozen=True)
class _Verdict:
    """What one row of the table says about one episode."""

    row: float
    opens: bool = False
    label: str = ""
    is_modification: bool = False
    pd_status_known: bool = True


@dataclass
class _OpenLine:
    start: dt.date
    reason: str
    members: list[DrugEpisode]
    tags: list[str] = field(default_factory=list)
    n_modifications: int = 0
    pd_status_known: bool = True
    next_start: dt.date | None = None

    @property
    def drugs(self) -> set[str]:
        return {member.drug_key for member in self.members}

    @property
    def cover_end(self) -> dt.date:
        return max(member.covered_through for member in self.members)

    @property
    def last_dose(self) -> dt.date:
        return max(member.last_dose for member in self.members)


def lines_of_therapy(episodes: Iterable[DrugEpisode], course: Course, rules: LineRules) -> list[Line]:
    """All lines of one patient, in order.

    silent: two modifications on one day are two (Y+2), as the table judges episodes.
    """
    counted = [e for e in episodes if e.counts_in_lot and not e.local_route]
    lines: list[_OpenLine] = []
    for day in sorted({e.start for e in counted}):
        started = [e for e in counted if e.start == day]
        if not lines:
            lines.append(_OpenLine(day, "FIRST", started))
            continue
        _judge_day(lines, started, day, course, rules)
    return _numbered(lines, course, rules)


def _judge_day(
    lines: list[_OpenLine], started: list[DrugEpisode], day: dt.date, course: Course, rules: LineRules
) -> None:
    """Judge together what starts on one day, against the line as it stood before."""
    line = lines[-1]
    verdicts = [_judge(episode, line, course, rules) for episode in started]
    opening = [verdict for verdict in verdicts if verdict.opens]
    if opening:
        line.next_start = day
        carried = [member for member in line.members if member.last_dose >= day]
        lines.append(_OpenLine(day, min(opening, key=_precedence).label, carried + started))
        lines[-1].pd_status_known = all(verdict.pd_status_known for verdict in opening)
        return
    line.members = line.members + started
    line.tags += [verdict.label for verdict in verdicts if verdict.label]
    line.n_modifications += sum(verdict.is_modification for verdict in verdicts)
    line.pd_status_known &= all(verdict.pd_status_known for verdict in verdicts)


def _precedence(verdict: _Verdict) -> tuple[float, bool]:
    """silent: of row 1b's two reasons on one day the restart comes first, as row 3 comes before row 7."""
    return verdict.row, verdict.label != "PD_RESTART"


def _judge(episode: DrugEpisode, line: _OpenLine, course: Course, rules: LineRules) -> _Verdict:
    is_repeated = episode.drug_key in line.drugs
    if _is_curative(line, course, rules):
        if course.advanced_date is None or episode.start < course.advanced_date:
            return _Verdict(1)
        return _Verdict(1.5, opens=True, label="PD_RESTART" if is_repeated else "PD")
    progressed = any(line.start < p <= episode.start for p in course.progressions)
    gap = (episode.start - line.cover_end).days - 1
    is_long = gap > rules.line_gap_days
    is_exempt = episode.drug_key in rules.gap_exempt_drugs
    if is_repeated:
        return _judge_repeated(episode, line, course, rules, progressed=progressed, gap=gap, is_long=is_long)
    if progressed:
        return _Verdict(7, opens=True, label="PD")
    if is_long and not is_exempt:
        return _Verdict(8, opens=True, label="GAP")
    return _judge_new(episode, line, course, rules)


def _judge_repeated(
    episode: DrugEpisode,
    line: _OpenLine,
    course: Course,
    rules: LineRules,
    *,
    progressed: bool,
    gap: int,
    is_long: bool,
) -> _Verdict:
    """Rows 2 to 6. silent: a drug that is exempt from row 6 stays in its line (row 4)."""
    if progressed:
        is_continued = gap <= rules.tbp_max_gap_days
        return _Verdict(2, label="TBP") if is_continued else _Verdict(3, opens=True, label="PD_RESTART")
    if not is_long:
        return _Verdict(4)
    if any(max(line.start, line.last_dose) < q <= episode.start for q in course.non_progressions):
        return _Verdict(5, label="HOLIDAY")
    if episode.drug_key in rules.gap_exempt_drugs:
        return _Verdict(4)
    return _Verdict(6, opens=True, label="GAP", pd_status_known=False)


def _judge_new(episode: DrugEpisode, line: _OpenLine, course: Course, rules: LineRules) -> _Verdict:
    """Rows 9 to 13.

    silent: row 10 asks for one base ingredient; formulations of an ingredient without a sub_group (doxorubicin) count.
    silent: planned maintenance carries the tag ADD_NONPD, as row 12 gives no other.
    """
    if (episode.start - line.start).days <= rules.combo_window_days:
        return _Verdict(9)
    if any(member.base_ingredient == episode.base_ingredient for member in line.members):
        return _Verdict(10, label="FORMULATION")
    if episode.sub_group and any(member.sub_group == episode.sub_group for member in line.members):
        return _Verdict(11, label="SUBST", is_modification=True)
    stable = any(
        line.start < q <= episode.start and (episode.start - q).days <= rules.nonpd_max_age_days
        for q in course.non_progressions
    )
    is_planned = _is_planned(episode, line, rules)
    if stable or is_planned:
        return _Verdict(12, label="ADD_NONPD", is_modification=not is_planned)
    if rules.unknown_pd_policy == "SAME":
        return _Verdict(13, label="ADD_NONPD", is_modification=True, pd_status_known=False)
    return _Verdict(13, opens=True, label="NEW_DRUG_PD_UNKNOWN", pd_status_known=False)


def _is_planned(episode: DrugEpisode, line: _OpenLine, rules: LineRules) -> bool:
    """R2.4, planned maintenance. silent: "the last dose" is the line's, also one still to come."""
    is_soon = (episode.start - line.last_dose).days <= rules.switch_maint_max_days
    return episode.planned_maintenance or (episode.drug_key in rules.maintenance_drugs and is_soon)


def _is_curative(line: _OpenLine, course: Course, rules: LineRules) -> bool:
    """R2.5.

    silent: a patient without an advanced_date is always before it; one marked member makes the course curative from the
    day it joins; an episode that spans the resection was given within the limit before it, as its doses lie close
    together.
    """
    if course.advanced_date is not None and line.start >= course.advanced_date:
        return False
    return any(_is_marked(member, course, rules) for member in line.members)


def _is_marked(episode: DrugEpisode, course: Course, rules: LineRules) -> bool:
    """silent: "overlap" is between first and last dose and the first and last day of radiotherapy, all inclusive."""
    if episode.intent in CURATIVE_INTENTS:
        return True
    for resection in course.resections:
        neoadjuvant = 0 <= (resection - episode.last_dose).days <= rules.neoadj_to_surgery_max_days
        adjuvant = 0 <= (episode.start - resection).days <= rules.adj_start_max_days
        if neoadjuvant or adjuvant or episode.start <= resection <= episode.last_dose:
            return True
    return any(
        rt.is_curative
        and rt.dose_gy >= rules.definitive_rt_min_gy
        and rt.start <= episode.last_dose
        and episode.start <= rt.end
        for rt in course.radiotherapies
    )


def _last_dose(line: _OpenLine) -> dt.date:
    """R2.4: last administration before the next line; where only episodes are given, not after the day before it."""
    next_start = line.next_start
    if next_start is None:
        return line.last_dose
    known = [day for member in line.members for day in member.doses if day < next_start]
    return max([*known, *(min(m.last_dose, after(next_start, -1)) for m in line.members if not m.doses)])


def _counts(setting: str, last_dose: dt.date, course: Course, rules: LineRules) -> bool:
    """R2.5. silent: a curative course that no advanced disease followed does not count."""
    if setting == PALLIATIVE:
        return True
    if course.advanced_date is None:
        return False
    return course.advanced_date <= add_months(last_dose, rules.curative_to_line_months)


def _maintenance(line: _OpenLine, rules: LineRules) -> Maintenance | None:
    """R2.4, tried day by day.

    silent: a drug is given while it covers the day; drugs that substitute each other (rows 10 and 11) are one; the two
    cycles are of one of the drugs still given, in one episode.
    """
    last_day = after(line.next_start, -1) if line.next_start else dt.date.max
    spans = [(max(m.start, line.start), min(m.covered_through, last_day), m) for m in line.members]
    ends: dict[str, dt.date] = {}
    for _, end, member in spans:
        group = member.sub_group or member.base_ingredient
        ends[group] = max(end, ends.get(group, end))
    day = line.start
    while day <= max(ends.values()):
        is_some_stopped = any(end < day for end in ends.values())
        longest = rules.maintenance_min_cycles
        if is_some_stopped and any(
            start <= day <= end and (end - day).days + 1 >= longest * m.cycle_days for start, end, m in spans
        ):
            left = {member.drug_key for _, end, member in spans if end >= day}
            return Maintenance(day, max(ends.values()), tuple(sorted(left)))
        day = after(day, 1)
    return None


def _enlist_prefix(setting: str, members: Sequence[DrugEpisode]) -> str:
    """silent: each of eLoT, aLoT and iLoT counts its own X, lines that are not counted included."""
    if all(member.is_investigational for member in members):
        return "iLoT"
    return "eLoT" if setting == CURATIVE else "aLoT"


def _numbered(lines: Sequence[_OpenLine], course: Course, rules: LineRules) -> list[Line]:
    """R2.6. silent: a PD on the day a line starts belongs to the line before (L0 < p, up to the next line's start)."""
    numbered: list[Line] = []
    seen_prefixes: list[str] = []
    n_counted = n_curative = 0
    for line_seq, line in enumerate(lines, start=1):
        setting = CURATIVE if _is_curative(line, course, rules) else PALLIATIVE
        is_counted = _counts(setting, _last_dose(line), course, rules)
        n_counted += is_counted
        n_curative += setting == CURATIVE
        seen_prefixes.append(_enlist_prefix(setting, line.members))
        end = line.next_start or dt.date.max
        numbered.append(
            Line(
                line_seq=line_seq,
                setting=setting,
                is_counted=is_counted,
                line_no=n_counted if is_counted else None,
                start=line.start,
                last_dose=_last_dose(line),
                regimen=tuple(sorted(line.drugs)),
                advance_reason=line.reason,
                tags=tuple(sorted(set(line.tags))),
                enlist_label=f"{seen_prefixes[-1]} {seen_prefixes.count(seen_prefixes[-1])}.{line.n_modifications}",
                n_progressions=len({p for p in course.progressions if line.start < p <= end}),
                lot_label=f"LoT {line_seq} ({n_curative}+{line_seq - n_curative})",
                pd_status_known=line.pd_status_known,
                maintenance=None if setting == CURATIVE else _maintenance(line, rules),
            )
        )
    return numbered
