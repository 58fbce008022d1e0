"""Prior immune checkpoint inhibitor: class, treatment-free interval and conformity (R4)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.reference.days import NO, UNKNOWN, YES, add_months, agreed, all_of

BLINDED = "BLINDED"
NAIVE, UNKNOWN_CLASS = "NAIVE", "UNKNOWN"


@dataclass(frozen=True)
class IciDose:
    """One dose before the index date, known to lie between `lo` and `hi`."""

    lo: dt.date
    hi: dt.date
    agent: str
    in_index_line: bool = False


@dataclass(frozen=True)
class ImmuneEvent:
    """A prior immune-related adverse event as it stood at the index date."""

    grade_at_index: int | None
    endocrine_on_replacement: bool = False


@dataclass(frozen=True)
class IciRules:
    """Parameters of R4; `combo_window_days` (R2.4): how long before index a dose still belongs to the combination."""

    ici_same_agent_min_months: int
    ici_continuation_max_days: int
    irae_max_grade: int
    combo_window_days: int


@dataclass(frozen=True)
class PriorIci:
    """Class of the prior ICI; the other fields are None for naive patients and, same_agent apart, for ADD_ON."""

    ici_class: str
    same_agent: str | None = None
    same_agent_ever: str | None = None
    tfi_days_lo: int | None = None
    tfi_days_hi: int | None = None
    gap_gt_3m: str | None = None
    pd_after: str | None = None
    irae_ok: str | None = None
    conforms_protocol: str | None = None


def irae_recovered(events: Iterable[ImmuneEvent], rules: IciRules, *, table_is_complete: bool) -> str:
    """R4.6, three-valued."""
    answers = [_recovered(event, rules) for event in events]
    if not answers:
        return YES if table_is_complete else UNKNOWN
    return all_of(*answers)


def _recovered(event: ImmuneEvent, rules: IciRules) -> str:
    if event.endocrine_on_replacement:
        return YES
    if event.grade_at_index is None:
        return UNKNOWN
    return YES if event.grade_at_index <= rules.irae_max_grade else NO


def prior_ici(
    index_date: dt.date,
    index_agents: frozenset[str],
    doses: Iterable[IciDose],
    progressions: Iterable[dt.date],
    irae_ok: str,
    rules: IciRules,
    *,
    has_untold_line: bool = False,
) -> PriorIci:
    """Class of a patient's prior ICI; `has_untold_line`: the chart speaks of therapy that no drug row names (R3.4).

    silent: a dose is before the index when its latest possible day is; a blinded dose is among the first and the last
    doses, so that a PD between it and the first known ICI dose leaves pd_after unknown; who has blinded doses only is
    UNKNOWN with or without a PD, as it may not have been an ICI that was resumed (R1.8).
    """
    before = [dose for dose in doses if dose.hi < index_date]
    prior = [dose for dose in before if not dose.in_index_line]
    if not prior:
        found = _without_prior(index_date, index_agents, before, rules)
        return PriorIci(UNKNOWN_CLASS) if has_untold_line and found.ici_class == NAIVE else found
    latest = max((dose.hi, dose.lo) for dose in prior)
    last_agents = {dose.agent for dose in prior if (dose.hi, dose.lo) == latest}
    same_agent = _same_agent(index_agents, last_agents)
    limits = (latest[1], latest[0])
    gap = agreed(index_date > add_months(last, rules.ici_same_agent_min_months) for last in limits)
    pd_after = _pd_after(index_date, prior, list(progressions))
    tfi_hi, tfi_lo = ((index_date - last).days for last in limits)
    only_blinded = all(dose.agent.startswith(BLINDED) for dose in prior)
    agent_ok = {YES: gap, NO: YES, UNKNOWN: UNKNOWN}[same_agent]
    return PriorIci(
        ici_class=UNKNOWN_CLASS if only_blinded else _class(pd_after, same_agent, (tfi_lo, tfi_hi), rules),
        same_agent=same_agent,
        same_agent_ever=_same_agent(index_agents, {dose.agent for dose in prior}),
        tfi_days_lo=tfi_lo,
        tfi_days_hi=tfi_hi,
        gap_gt_3m=gap,
        pd_after=pd_after,
        irae_ok=irae_ok,
        conforms_protocol=all_of(pd_after, agent_ok, irae_ok),
    )


def _without_prior(
    index_date: dt.date, index_agents: frozenset[str], before: Sequence[IciDose], rules: IciRules
) -> PriorIci:
    """R4.1.

    silent: under ADD_ON the agent compared is that of the last dose older than the combination window; blinded doses
    alone leave it open whether there was an ICI (R1.8): UNKNOWN.
    """
    running = [dose for dose in before if (index_date - dose.hi).days > rules.combo_window_days]
    if not running:
        return PriorIci(NAIVE)
    latest = max(dose.hi for dose in running)
    last_agents = {dose.agent for dose in running if dose.hi == latest}
    is_known = any(not dose.agent.startswith(BLINDED) for dose in running)
    return PriorIci("ADD_ON" if is_known else UNKNOWN_CLASS, same_agent=_same_agent(index_agents, last_agents))


def _same_agent(index_agents: frozenset[str], agents: set[str]) -> str:
    """R4.4. silent: of several agents, on the day or at index, one match is enough; else a blinded one is U."""
    if index_agents & agents:
        return YES
    return UNKNOWN if any(agent.startswith(BLINDED) for agent in agents) else NO


def _pd_after(index_date: dt.date, prior: Sequence[IciDose], progressions: Sequence[dt.date]) -> str:
    known = [dose for dose in prior if not dose.agent.startswith(BLINDED)]
    starts = {min(day) for doses in (prior, known) if doses for day in ([d.lo for d in doses], [d.hi for d in doses])}
    return agreed(any(start < p <= index_date for p in progressions) for start in starts)


def _class(pd_after: str, same_agent: str, tfi_days: tuple[int, int], rules: IciRules) -> str:
    if pd_after == NO:
        return "RESUMPTION_NO_PD"
    if UNKNOWN in (pd_after, same_agent):
        return UNKNOWN_CLASS
    if same_agent == NO:
        return "RECHALLENGE_SWITCH"
    continued = agreed(days <= rules.ici_continuation_max_days for days in tfi_days)
    return {YES: "CONTINUATION_BEYOND_PD", NO: "RECHALLENGE_SAME", UNKNOWN: UNKNOWN_CLASS}[continued]
