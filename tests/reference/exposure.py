"""Exposure episodes (R2.2): from administrations and fills of one drug in one patient to spans on the drug."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.reference.days import after, seen, until


@dataclass(frozen=True)
class Administration:
    """One infusion or injection; `last` differs from `first` for an infusion over several days (5-FU D1-5)."""

    first: dt.date
    last: dt.date
    cycle_days: int

    @property
    def covered_through(self) -> dt.date:
        """Last covered day.

        silent: whether the cycle of an infusion over several days counts from its first or its last day. LT04 gives an
        episode of 5-FU whose cover counts from the last day, and so do the intervals here.
        """
        return after(self.last, self.cycle_days - 1)


@dataclass(frozen=True)
class InfusionRules:
    """Parameters of the IV and SC part of R2.2."""

    iv_max_interval_factor: int
    iv_max_interval_extra: int
    tbp_max_gap_days: int


@dataclass(frozen=True)
class Fill:
    """On-days put into a patient's hand on one day; negative for capsules brought back."""

    day: dt.date
    on_days: int
    mg_per_day: Decimal = Decimal(0)


@dataclass(frozen=True)
class Schedule:
    """`on_days` of intake at the start of each cycle of `cycle_days`; continuous drugs have both equal."""

    on_days: int
    cycle_days: int

    def calendar_days(self, on_days: int) -> int:
        """Calendar days that so many on-days last, planned rest after complete on-phases included."""
        return on_days // self.on_days * self.cycle_days + on_days % self.on_days

    def date_of(self, start: dt.date, nth: int) -> dt.date:
        """Date of the nth on-day, 1 is the first."""
        return after(start, (nth - 1) // self.on_days * self.cycle_days + (nth - 1) % self.on_days)


@dataclass(frozen=True)
class Episode:
    """A span on one drug, cut at the data cutoff.

    `doses` are the days of administration; capsules taken at home have none. The last four are for oral drugs only.
    """

    start: dt.date
    last_dose: dt.date
    covered_through: dt.date
    is_ongoing: bool
    doses: tuple[dt.date, ...] = ()
    on_days: int = 0
    total_mg: Decimal = Decimal(0)
    n_delays: int = 0
    delay_days: int = 0


def infusion_episodes(
    administrations: Iterable[Administration],
    progressions: Iterable[dt.date],
    rules: InfusionRules,
    cutoff: dt.date | None = None,
) -> list[Episode]:
    """Merge administrations into episodes.

    silent: whose cycle length counts when two neighbours differ: the earlier one's, as it says when the next was due.
    silent: an episode is covered through the latest day that any of its administrations covers.
    """
    known = sorted((a for a in administrations if seen(a.first, cutoff)), key=lambda a: (a.first, a.last, a.cycle_days))
    progression_days = [p for p in progressions if seen(p, cutoff)]
    groups: list[list[Administration]] = []
    for administration in known:
        if groups and _merge(groups[-1][-1], administration, progression_days, rules):
            groups[-1].append(administration)
        else:
            groups.append([administration])
    return [_infusion_episode(group, cutoff) for group in groups]


def _merge(
    previous: Administration, following: Administration, progressions: list[dt.date], rules: InfusionRules
) -> bool:
    longest = rules.iv_max_interval_factor * previous.cycle_days + rules.iv_max_interval_extra
    if (following.first - previous.last).days > longest:
        return False
    gap = (following.first - previous.covered_through).days - 1
    progressed = any(previous.last < p <= following.first for p in progressions)
    return not (progressed and gap > rules.tbp_max_gap_days)


def _infusion_episode(group: list[Administration], cutoff: dt.date | None) -> Episode:
    covered = max(a.covered_through for a in group)
    last_dose = max(a.last for a in group)
    return Episode(
        start=group[0].first,
        last_dose=until(last_dose, cutoff),
        covered_through=until(covered, cutoff),
        is_ongoing=not seen(covered, cutoff),
        doses=tuple(sorted({until(day, cutoff) for a in group for day in (a.first, a.last)})),
    )


@dataclass
class _Segment:
    """Fills that are taken one after the other without a break."""

    start: dt.date
    delay: int
    opens_episode: bool
    fills: list[Fill] = field(default_factory=list)

    @property
    def on_days(self) -> int:
        return sum(fill.on_days for fill in self.fills)


def oral_episodes(
    fills: Iterable[Fill], schedule: Schedule, oral_grace_days: int, cutoff: dt.date | None = None
) -> list[Episode]:
    """Fold fills into episodes.

    silent: a return before any fill is ignored, and so is what exceeds the segment; an emptied segment is dropped with
    its delay by the next fill, which is compared with the segment before it.
    """
    segments: list[_Segment] = []
    for fill in sorted((f for f in fills if seen(f.day, cutoff)), key=lambda f: (f.day, -f.on_days)):
        if fill.on_days < 0:
            _take_back(segments, fill)
        else:
            _add(segments, fill, schedule, oral_grace_days)
    episodes: list[list[_Segment]] = []
    for segment in _kept(segments):
        if segment.opens_episode:
            episodes.append([])
        episodes[-1].append(segment)
    return [_oral_episode(parts, schedule, cutoff) for parts in episodes]


def _kept(segments: list[_Segment]) -> list[_Segment]:
    """Segments of which capsules are left."""
    return [segment for segment in segments if segment.on_days > 0]


def _covered_through(segment: _Segment, schedule: Schedule) -> dt.date:
    return after(segment.start, schedule.calendar_days(segment.on_days) - 1)


def _take_back(segments: list[_Segment], fill: Fill) -> None:
    if segments:
        segments[-1].fills.append(fill)


def _add(segments: list[_Segment], fill: Fill, schedule: Schedule, oral_grace_days: int) -> None:
    segments[:] = _kept(segments)
    if not segments:
        segments.append(_Segment(fill.day, 0, True, [fill]))
        return
    gap = (fill.day - _covered_through(segments[-1], schedule)).days - 1
    if gap <= 0:
        segments[-1].fills.append(fill)
    elif gap <= oral_grace_days:
        segments.append(_Segment(fill.day, gap, False, [fill]))
    else:
        segments.append(_Segment(fill.day, 0, True, [fill]))


def _oral_episode(segments: list[_Segment], schedule: Schedule, cutoff: dt.date | None) -> Episode:
    last = segments[-1]
    covered = _covered_through(last, schedule)
    fills = [fill for segment in segments for fill in segment.fills]
    delays = [segment.delay for segment in segments if segment.delay]
    return Episode(
        start=segments[0].start,
        last_dose=until(schedule.date_of(last.start, last.on_days), cutoff),
        covered_through=until(covered, cutoff),
        is_ongoing=not seen(covered, cutoff),
        on_days=sum(fill.on_days for fill in fills),
        total_mg=sum((fill.on_days * fill.mg_per_day for fill in fills), Decimal(0)),
        n_delays=len(delays),
        delay_days=sum(delays),
    )
