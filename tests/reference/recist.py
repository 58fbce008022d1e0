"""Tumour response by RECIST 1.1 from lesion rows (R5.1, R5.2, R5.3), one reader's course from its baseline on."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tests.reference.days import after

CR, PR, SD, PD, NE, NONE = "CR", "PR", "SD", "PD", "NE", "NONE"
NON_CR_NON_PD = "NON-CR/NON-PD"
TARGET, NONTARGET, NEW = "TARGET", "NONTARGET", "NEW"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Reading:
    """One lesion row of one reader. `pet_only` says that nothing but PET was done on that day."""

    lesion_id: str
    role: str
    date: dt.date
    tp: str | None = None
    status: str | None = None
    mm: Decimal | None = None
    is_node: bool = False
    nt_status: str | None = None
    equivocal: bool = False
    pet_only: bool = False


@dataclass(frozen=True)
class RecistRules:
    """Parameters of R5.1 and R5.2."""

    tp_window_days: int
    tstm_mm: Decimal
    node_normal_mm: Decimal
    pd_increase_percent: int
    pd_increase_mm: Decimal
    pr_decrease_percent: int


@dataclass(frozen=True)
class TimePointResponse:
    """What one time point after the baseline says. Dates are None where R5.1.5 gives none."""

    label: str | None
    date: dt.date
    sum_mm: Decimal | None
    nadir_mm: Decimal | None
    target: str
    nontarget: str
    new_lesion: str
    response: str
    course: str
    review: str
    last_evaluable: dt.date | None


def time_points(readings: Iterable[Reading], window: int) -> list[list[Reading]]:
    """R5.1.2: rows of one label together; days without a label from a first day to `window` days later.

    silent: a label that comes back more than the window later, after another one, is another time point.
    """
    groups: list[list[Reading]] = []
    for reading in sorted(readings, key=lambda r: (r.date, r.tp or "")):
        home = next((g for g in reversed(groups) if _belongs(reading, g, groups, window)), None)
        if home is None:
            groups.append([reading])
        else:
            home.append(reading)
    return sorted(groups, key=lambda group: min(r.date for r in group))


def _belongs(reading: Reading, group: list[Reading], groups: list[list[Reading]], window: int) -> bool:
    if reading.tp != group[0].tp:
        return False
    if reading.tp is None:
        return reading.date <= after(min(r.date for r in group), window)
    last = max(r.date for r in group)
    return reading.date <= after(last, window) or not any(
        last <= r.date <= reading.date for other in groups if other is not group for r in other if r.tp is not None
    )


@dataclass(frozen=True)
class _Findings:
    """A time point before the course is known."""

    label: str | None
    rows: Sequence[Reading]
    values: Mapping[str, Decimal | None]
    target_date: dt.date | None
    unequivocal: Mapping[str, dt.date]
    equivocal: Mapping[str, dt.date]
    nontarget: str
    nontarget_pd_date: dt.date | None
    nontarget_date: dt.date | None
    target: str = ""
    so_far: str = ""


def value_mm(rows: Sequence[Reading], rules: RecistRules) -> Decimal | None:
    """R5.2: of several days the last with a value; of one day the sum of the fragments, none if one is missing."""
    for day in sorted({r.date for r in rows}, reverse=True):
        values = [_fragment(r, rules) for r in rows if r.date == day]
        if all(value is not None for value in values):
            return sum((value for value in values if value is not None), ZERO)
    return None


def _fragment(reading: Reading, rules: RecistRules) -> Decimal | None:
    fixed = {"TSTM": rules.tstm_mm, "ABSENT": ZERO, "ABSENT_MERGED": ZERO}
    if reading.status in fixed:
        return fixed[reading.status]
    if reading.status == "NE" or reading.mm is None:
        return None
    return reading.mm if reading.mm > 0 or reading.status is None else None


def responses(
    groups: Sequence[Sequence[Reading]], rules: RecistRules, *, baseline_pet: bool = False
) -> list[TimePointResponse]:
    """R5.2 and R5.3 for the time points after the first of `groups`, which is the baseline.

    silent: a patient all of whose targets are absent at baseline has no targets.
    silent: a time point on which nothing could be evaluated is not complete, and so no baseline.
    """
    baseline = groups[0]
    targets = {r.lesion_id: r.is_node for r in baseline if r.role == TARGET}
    base_values = {name: value_mm([r for r in baseline if r.lesion_id == name], rules) for name in targets}
    if any(value is None for value in base_values.values()):
        return []
    base = sum((value for value in base_values.values() if value is not None), ZERO)
    named = {r.lesion_id for r in baseline if r.role == NONTARGET}
    of_each = {name: [r for r in baseline if r.lesion_id == name] for name in named}
    states = {name: _state(rows, rules) for name, rows in of_each.items()}
    if not targets and states and set(states.values()) == {NE}:
        return []
    nontargets = {name for name, state in states.items() if state != CR}
    found = [_findings(group, targets, nontargets, rules, baseline_pet) for group in groups[1:]]
    found, nadirs = _with_responses(found, targets, base, rules)
    return _course(found, nadirs, rules)


def _findings(
    group: Sequence[Reading],
    targets: Mapping[str, bool],
    nontargets: set[str],
    rules: RecistRules,
    baseline_pet: bool,
) -> _Findings:
    of_targets = [r for r in group if r.lesion_id in targets]
    sightings = [r for r in group if r.role == NEW and r.status not in ("ABSENT", "ABSENT_MERGED", "NE")]
    firsts = {r.lesion_id: min(s.date for s in sightings if s.lesion_id == r.lesion_id) for r in sightings}
    certain = {r.lesion_id for r in sightings if not r.equivocal and (baseline_pet or not r.pet_only)}
    nontarget_rows = [r for r in group if r.role == NONTARGET]
    progressed = [r.date for r in nontarget_rows if r.nt_status == PD]
    return _Findings(
        label=group[0].tp,
        rows=group,
        values={name: value_mm([r for r in of_targets if r.lesion_id == name], rules) for name in targets},
        target_date=max((r.date for r in of_targets), default=None),
        unequivocal={name: day for name, day in firsts.items() if name in certain},
        equivocal={name: day for name, day in firsts.items() if name not in certain},
        nontarget=_nontarget(nontarget_rows, nontargets, rules),
        nontarget_pd_date=min(progressed, default=None),
        nontarget_date=max((r.date for r in nontarget_rows), default=None),
    )


def _state(rows: Sequence[Reading], rules: RecistRules) -> str:
    """State of one non-target lesion: as recorded, else read from its status and size."""
    if any(r.nt_status == PD for r in rows):
        return PD
    last_day = max(r.date for r in rows)
    states = []
    for r in (r for r in rows if r.date == last_day):
        value = _fragment(r, rules)
        normal = r.status == "ABSENT" or (r.status is None and r.mm == 0)
        if r.nt_status is not None:
            states.append(r.nt_status)
        elif value is None:
            states.append(NE)
        else:
            states.append(CR if normal or (r.is_node and value < rules.node_normal_mm) else "NONCR")
    return next(state for state in (NE, "NONCR", CR) if state in states)


def _nontarget(rows: Sequence[Reading], at_baseline: set[str], rules: RecistRules) -> str:
    """R5.3: one answer for all non-targets. silent: one that is recorded later counts once it is not CR."""
    by_lesion: dict[str, list[Reading]] = {}
    for row in rows:
        by_lesion.setdefault(row.lesion_id, []).append(row)
    states = {name: _state(of_lesion, rules) for name, of_lesion in by_lesion.items()}
    if PD in states.values():
        return PD
    if at_baseline and (at_baseline - set(states) or NE in states.values()):
        return NE
    if "NONCR" in states.values():
        return NON_CR_NON_PD
    return CR if at_baseline else NONE


def _with_responses(
    found: Sequence[_Findings], targets: Mapping[str, bool], base: Decimal, rules: RecistRules
) -> tuple[list[_Findings], list[Decimal | None]]:
    judged: list[_Findings] = []
    nadirs: list[Decimal | None] = []
    nadir = base
    had_cr = False
    for tp in found:
        target = _target_response(tp, targets, base, nadir, had_cr, rules) if base else NONE
        judged.append(replace(tp, target=target, so_far=_overall(target, tp.nontarget, bool(tp.unequivocal))))
        nadirs.append(nadir if targets else None)
        complete = _sum(tp)
        had_cr = had_cr or (complete is not None and _is_cr(tp, targets, rules))
        nadir = nadir if complete is None else min(nadir, complete)
    return judged, nadirs


def _sum(tp: _Findings) -> Decimal | None:
    values = list(tp.values.values())
    if not values or any(value is None for value in values):
        return None
    return sum((value for value in values if value is not None), ZERO)


def _is_cr(tp: _Findings, targets: Mapping[str, bool], rules: RecistRules) -> bool:
    return all(
        value is not None and (value < rules.node_normal_mm if targets[name] else value == 0)
        for name, value in tp.values.items()
    )


def _target_response(
    tp: _Findings, targets: Mapping[str, bool], base: Decimal, nadir: Decimal, had_cr: bool, rules: RecistRules
) -> str:
    """The table of R5.2; the first row that fits decides."""
    part = sum((value for value in tp.values.values() if value is not None), ZERO)
    grown = part - nadir >= rules.pd_increase_mm and part * 100 >= nadir * (100 + rules.pd_increase_percent)
    if _sum(tp) is None:
        any_value = any(value is not None for value in tp.values.values())
        return PD if any_value and grown else NE
    if _is_cr(tp, targets, rules):
        return CR
    if had_cr and any(value and not targets[name] for name, value in tp.values.items()):
        return PD
    if grown:
        return PD
    return PR if part * 100 <= base * (100 - rules.pr_decrease_percent) else SD


def _overall(target: str, nontarget: str, has_new: bool) -> str:
    """The table of R5.3."""
    if has_new or PD in (target, nontarget):
        return PD
    if target == CR:
        return CR if nontarget in (CR, NONE) else PR
    if target in (PR, SD, NE):
        return target
    return NE if nontarget == NONE else nontarget


def _course(
    found: Sequence[_Findings], nadirs: Sequence[Decimal | None], rules: RecistRules
) -> list[TimePointResponse]:
    told: list[TimePointResponse] = []
    had_target_cr = False
    for number, tp in enumerate(found):
        following = next((later for later in found[number + 1 :] if later.so_far != NE), None)
        is_confirmed = following is not None and bool(set(tp.equivocal) & set(following.unequivocal))
        response = PD if is_confirmed else tp.so_far
        earlier = {before.response for before in told}
        carried = response == SD and earlier & {CR, PR} and PD not in earlier
        codes = {
            "CR_LOST": had_target_cr and tp.target in (PR, SD),
            "BACKDATED": is_confirmed and tp.so_far != PD,
            "EQUIVOCAL_OPEN": bool(tp.equivocal) and not tp.unequivocal and following is None,
            "NO_DISEASE": tp.target == NONE and tp.nontarget == NONE,
        }
        told.append(
            TimePointResponse(
                label=tp.label,
                date=_date(tp, response, is_confirmed),
                sum_mm=_sum(tp),
                nadir_mm=nadirs[number],
                target=tp.target,
                nontarget=tp.nontarget,
                new_lesion=_new_lesion(tp, is_confirmed),
                response=response,
                course=PR if carried else response,
                review=",".join(code for code, applies in codes.items() if applies),
                last_evaluable=None if response == NE else _last_evaluable(tp.rows, rules),
            )
        )
        had_target_cr = had_target_cr or tp.target == CR
    return told


def _last_evaluable(rows: Sequence[Reading], rules: RecistRules) -> dt.date:
    """R5.1.5: the last scan of which a lesion could be evaluated.

    silent: of a target in fragments every fragment has to be measured, of a non-target none may be NE that day.
    """
    days = set()
    for day in {r.date for r in rows}:
        of_day = [r for r in rows if r.date == day]
        for name in {r.lesion_id for r in of_day}:
            of_lesion = [r for r in of_day if r.lesion_id == name]
            if _is_evaluated(of_lesion, rules):
                days.add(day)
    return max(days, default=max(r.date for r in rows))


def _is_evaluated(rows: Sequence[Reading], rules: RecistRules) -> bool:
    if rows[0].role == TARGET:
        return value_mm(rows, rules) is not None
    if rows[0].role == NEW:
        return any(r.status != "NE" for r in rows)
    return _state(rows, rules) != NE


def is_measured(group: Sequence[Reading], targets: Iterable[str], rules: RecistRules) -> bool:
    """Whether each of the targets has a value at a time point; a missing row is a missing value (R5.2)."""
    return all(value_mm([r for r in group if r.lesion_id == name], rules) is not None for name in targets)


def is_complete(group: Sequence[Reading], rules: RecistRules) -> bool:
    """Whether a time point can be a baseline: its own targets have values, and something could be evaluated."""
    targets = {r.lesion_id for r in group if r.role == TARGET}
    others = {r.lesion_id for r in group if r.role == NONTARGET}
    states = [_state([r for r in group if r.lesion_id == name], rules) for name in others]
    return is_measured(group, targets, rules) and (bool(targets) or any(state != NE for state in states))


def _new_lesion(tp: _Findings, is_confirmed: bool) -> str:
    if tp.unequivocal:
        return "UNEQUIVOCAL"
    if is_confirmed:
        return "CONFIRMED_LATER"
    return "EQUIVOCAL" if tp.equivocal else NONE


def _date(tp: _Findings, response: str, is_confirmed: bool) -> dt.date:
    """R5.1.5. silent: an assessment that cannot be evaluated is dated to its last scan."""
    last = max(r.date for r in tp.rows)
    if response == NE:
        return last
    if response != PD:
        return tp.target_date or tp.nontarget_date or last
    days = [
        tp.target_date if tp.target == PD else None,
        tp.nontarget_pd_date,
        min(tp.unequivocal.values(), default=None),
        min(tp.equivocal.values(), default=None) if is_confirmed else None,
    ]
    return min(day for day in days if day is not None)
