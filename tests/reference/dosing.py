"""Dosing of one component of the index treatment (R7): day by day, capsule by capsule, infusion by infusion."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tests.reference.days import after
from tests.reference.exposure import Schedule

TOXICITY = ("TOXICITY", "INTOLERANCE")


@dataclass(frozen=True)
class DosingRules:
    """Parameters of R7, and the grace of R2.2 that parts a delay from a new episode."""

    on_phase_min_on_days: int
    on_phase_min_off_days: int
    interruption_on_days: int
    delay_iv_days: int
    omission_iv_cycles: int
    omission_iv_tolerance_days: int
    rdi_max_pct: int
    oral_grace_days: int


@dataclass(frozen=True)
class Supply:
    """Capsules for so many on-days, negative for capsules brought back, and why the drug was stopped after them."""

    day: dt.date
    on_days: int
    mg: Decimal
    reason_stop: str | None = None


@dataclass(frozen=True)
class OnDay:
    """A day of intake. `ends_cycle`: planned rest follows. `delay`: days that its segment was late (R2.2)."""

    date: dt.date
    supply: Supply
    ends_cycle: bool
    delay: int


@dataclass(frozen=True)
class Infusion:
    """One administration with the cycle that was ordered."""

    day: dt.date
    cycle_days: int
    mg: Decimal


@dataclass(frozen=True)
class Levels:
    """R7.2."""

    initial_mg: Decimal
    min_mg: Decimal
    n_reductions: int = 0
    n_toxicity_reductions: int = 0
    n_escalations: int = 0


@dataclass
class Pauses:
    """R7.1 and R7.3: cycles and what came between them."""

    cycles_started: int = 0
    cycles_completed: int = 0
    n_interruptions: int = 0
    n_delays: int = 0
    delay_days: int = 0
    n_omissions: int = 0


@dataclass(frozen=True)
class Intensity:
    """R7.4 and R7.5: planned doses and milligrams stay fractions until they are printed."""

    given: int
    planned: Fraction
    total_mg: Decimal
    planned_own_mg: Fraction
    planned_label_mg: Fraction

    @property
    def rdi_initial(self) -> Fraction:
        return 100 * Fraction(self.total_mg) / self.planned_own_mg

    @property
    def rdi_label(self) -> Fraction:
        return 100 * Fraction(self.total_mg) / self.planned_label_mg


@dataclass
class _Segment:
    start: dt.date
    delay: int
    capsules: list[Supply] = field(default_factory=list)
    owed: int = 0

    @property
    def on_days(self) -> int:
        return len(self.capsules) - self.owed

    def take_back(self, supply: Supply) -> None:
        """Capsules of the same strength, the last handed out first; what finds none is owed by the segment's end.

        silent: which capsules come back. The rule book counts units; milligrams need to know which.
        """
        for _ in range(-supply.on_days):
            same = [n for n, capsule in enumerate(self.capsules) if capsule.mg == supply.mg]
            if same:
                self.capsules.pop(same[-1])
            else:
                self.owed += 1


def half_up(value: Fraction, decimals: int) -> Decimal:
    """A ratio as it is printed."""
    return Decimal((value * 10**decimals * 2 + 1) // 2).scaleb(-decimals)


def on_days(supplies: Iterable[Supply], schedule: Schedule, oral_grace_days: int) -> list[OnDay]:
    """Days of intake by R2.2, the capsules taken in the order in which they were handed out."""
    segments: list[_Segment] = []
    for supply in sorted(supplies, key=lambda s: (s.day, -s.on_days)):
        if supply.on_days < 0:
            if segments:
                segments[-1].take_back(supply)
            continue
        segments = [segment for segment in segments if segment.on_days > 0]
        _hand_out(segments, supply, schedule, oral_grace_days)
    days = []
    for segment in segments:
        for number, capsule in enumerate(segment.capsules[: max(segment.on_days, 0)], start=1):
            date = schedule.date_of(segment.start, number)
            delay = segment.delay if number == 1 else 0
            days.append(OnDay(date, capsule, number % schedule.on_days == 0, delay))
    return days


def _hand_out(segments: list[_Segment], supply: Supply, schedule: Schedule, grace: int) -> None:
    if segments:
        covered = after(segments[-1].start, schedule.calendar_days(segments[-1].on_days) - 1)
        gap = (supply.day - covered).days - 1
        if gap > 0:
            segments.append(_Segment(supply.day, gap if gap <= grace else 0))
    else:
        segments.append(_Segment(supply.day, 0))
    segments[-1].capsules += [supply] * supply.on_days


def oral_pauses(days: Sequence[OnDay], schedule: Schedule, rules: DosingRules) -> Pauses:
    """On-phases of R7.1, interruptions inside them, and delays as R2.2 recorded them.

    silent: whether days of planned rest inside an on-phase are missed: they are not.
    """
    pauses = Pauses()
    phase_days = 0
    for number, day in enumerate(days):
        off = missed = 0
        if number:
            previous = days[number - 1]
            off = (day.date - previous.date).days - 1
            missed = off - (schedule.cycle_days - schedule.on_days if previous.ends_cycle else 0)
        rested = phase_days >= rules.on_phase_min_on_days and off >= rules.on_phase_min_off_days
        if number == 0 or phase_days == schedule.on_days or rested:
            pauses.cycles_started += 1
            phase_days = 0
        elif missed >= rules.interruption_on_days:
            pauses.n_interruptions += 1
        phase_days += 1
        if phase_days == schedule.on_days:
            pauses.cycles_completed += 1
        if number and day.delay:
            pauses.n_delays += 1
            pauses.delay_days += day.delay
    return pauses


def infusion_pauses(infusions: Sequence[Infusion], rules: DosingRules) -> Pauses:
    """R7.3; the cycle ordered with an infusion says when the next one was due."""
    pauses = Pauses(cycles_started=len(infusions), cycles_completed=len(infusions))
    for previous, infusion in pairwise(infusions):
        interval = (infusion.day - previous.day).days
        if interval >= rules.omission_iv_cycles * previous.cycle_days - rules.omission_iv_tolerance_days:
            pauses.n_omissions += 1
        elif interval > previous.cycle_days + rules.delay_iv_days:
            pauses.n_delays += 1
            pauses.delay_days += interval - previous.cycle_days
    return pauses


def levels(doses: Sequence[tuple[Decimal, str | None]]) -> Levels:
    """Downward and upward steps of (mg, reason to stop) in the order of the records.

    silent: where the reason of a reduction stands. With the dose that was stopped, else with the lower one.
    """
    steps = list(pairwise(doses))
    down = [before[1] or later[1] for before, later in steps if later[0] < before[0]]
    return Levels(
        initial_mg=doses[0][0],
        min_mg=min(mg for mg, _ in doses),
        n_reductions=len(down),
        n_toxicity_reductions=sum(reason in TOXICITY for reason in down),
        n_escalations=sum(later[0] > before[0] for before, later in steps),
    )


def oral_intensity(days: Sequence[OnDay], schedule: Schedule, label_mg: Decimal) -> Intensity:
    """R7.4: the days of intake that the schedule holds between the first and the last one."""
    first, last = days[0].date, days[-1].date
    planned = sum((offset % schedule.cycle_days) < schedule.on_days for offset in range((last - first).days + 1))
    return Intensity(
        given=len(days),
        planned=Fraction(planned),
        total_mg=sum((day.supply.mg for day in days), Decimal(0)),
        planned_own_mg=Fraction(planned) * Fraction(days[0].supply.mg),
        planned_label_mg=Fraction(planned) * Fraction(label_mg),
    )


def infusion_intensity(infusions: Sequence[Infusion], label_mg: Decimal, label_cycle_days: int) -> Intensity:
    """R7.5, each interval in cycles of its own order.

    silent: an order for twice the dose at twice the interval. It is a changed schedule: what was ordered is planned.
    """
    first = infusions[0]
    cycles = [
        Fraction((later.day - infusion.day).days, infusion.cycle_days) for infusion, later in pairwise(infusions)
    ] + [Fraction(1)]
    planned = list(zip(infusions, cycles, strict=True))
    return Intensity(
        given=len(infusions),
        planned=sum(cycles, Fraction(0)),
        total_mg=sum((infusion.mg for infusion in infusions), Decimal(0)),
        planned_own_mg=sum((share * _due(i, first.mg, first.cycle_days) for i, share in planned), Fraction(0)),
        planned_label_mg=sum((share * _due(i, label_mg, label_cycle_days) for i, share in planned), Fraction(0)),
    )


def _due(infusion: Infusion, mg: Decimal, cycle_days: int) -> Fraction:
    same_a_day = infusion.mg * cycle_days == mg * infusion.cycle_days
    return Fraction(infusion.mg if same_a_day else mg)
