"""Best overall response, unconfirmed and confirmed (R5.4)."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.reference.days import seen

CR, PR, SD, PD, NE = "CR", "PR", "SD", "PD", "NE"
NON_CR_NON_PD = "NON-CR/NON-PD"
NOT_DONE = "ND"
MISSING = "MISSING"
EVALUABLE = (CR, PR, SD, NON_CR_NON_PD)
WORST_FIRST = (PD, NON_CR_NON_PD, SD, PR, CR, NE)


@dataclass(frozen=True, order=True)
class Assessment:
    """One overall response of the chosen reader."""

    date: dt.date
    response: str


@dataclass(frozen=True)
class ResponseRules:
    """Parameters of R5.4."""

    sd_min_days: int
    confirm_days: int
    confirm_max_ne: int
    confirm_accept_sd: str


@dataclass(frozen=True)
class BestResponse:
    """Best responses of one patient; dates are None where there is no such assessment in the window."""

    bor: str
    bor_date: dt.date | None
    confirmed_bor: str
    confirmed_bor_date: dt.date | None
    first_response_date: dt.date | None
    first_confirmed_response_date: dt.date | None
    pd_date: dt.date | None
    n_assessments: int
    cr_then_noncr: bool


def one_a_day(assessments: Iterable[Assessment]) -> list[Assessment]:
    """The worst response of each day (R0.7), in date order; rows that say 'not done' are no assessments."""
    by_day: dict[dt.date, list[str]] = {}
    for assessment in assessments:
        if assessment.response != NOT_DONE:
            by_day.setdefault(assessment.date, []).append(assessment.response)
    return [Assessment(day, min(by_day[day], key=WORST_FIRST.index)) for day in sorted(by_day)]


def first_progression(assessments: Iterable[Assessment], index_date: dt.date) -> dt.date | None:
    """First PD after the index; what was seen on the index day is baseline."""
    return min((a.date for a in assessments if a.response == PD and a.date > index_date), default=None)


def assessments_in_window(
    assessments: Iterable[Assessment], index_date: dt.date, new_therapy: dt.date | None, cutoff: dt.date | None
) -> list[Assessment]:
    """Assessments with index < date <= min(first PD, new anticancer therapy, cutoff)."""
    rows = one_a_day(assessments)
    ends = [end for end in (first_progression(rows, index_date), new_therapy, cutoff) if end is not None]
    return [a for a in rows if a.date > index_date and all(a.date <= end for end in ends)]


def best_response(
    assessments: Sequence[Assessment],
    index_date: dt.date,
    new_therapy: dt.date | None,
    cutoff: dt.date | None,
    rules: ResponseRules,
) -> BestResponse:
    """Best overall response of one patient.

    silent: n_assessments counts the window, NE included; pd_date is the first PD after the index, in the window or not;
    a best response is dated to the first assessment that shows it, a confirmed one to the first of its pair.
    """
    rows = assessments_in_window(assessments, index_date, new_therapy, cutoff)
    confirmed_cr = [a.date for a in rows if a.response == CR and _is_confirmed(a, rows, rules)]
    confirmed = [a.date for a in rows if a.response in (CR, PR) and _is_confirmed(a, rows, rules)]
    bor, bor_date = _first_that_exists(rows, index_date, rules, response_ranks=True)
    confirmed_bor, confirmed_bor_date = _first_that_exists(rows, index_date, rules, response_ranks=False)
    if confirmed:
        confirmed_bor, confirmed_bor_date = (CR, min(confirmed_cr)) if confirmed_cr else (PR, min(confirmed))
    return BestResponse(
        bor=bor,
        bor_date=bor_date,
        confirmed_bor=confirmed_bor,
        confirmed_bor_date=confirmed_bor_date,
        first_response_date=min((a.date for a in rows if a.response in (CR, PR)), default=None),
        first_confirmed_response_date=min(confirmed, default=None),
        pd_date=first_progression((a for a in assessments if seen(a.date, cutoff)), index_date),
        n_assessments=len(rows),
        cr_then_noncr=_loses_cr(rows),
    )


def _loses_cr(rows: Sequence[Assessment]) -> bool:
    first_cr = min((a.date for a in rows if a.response == CR), default=None)
    return first_cr is not None and any(a.date > first_cr and a.response in (PR, SD) for a in rows)


def _first_that_exists(
    rows: Sequence[Assessment], index_date: dt.date, rules: ResponseRules, *, response_ranks: bool
) -> tuple[str, dt.date | None]:
    """R5.4's order. Without `response_ranks` (the confirmed form) a CR or PR is worth an SD, if it came late enough."""
    late = [a for a in rows if (a.date - index_date).days >= rules.sd_min_days]
    stable = {SD} if response_ranks else {CR, PR, SD}
    steps = [
        (CR, [a.date for a in rows if response_ranks and a.response == CR]),
        (PR, [a.date for a in rows if response_ranks and a.response == PR]),
        (SD, [a.date for a in late if a.response in stable]),
        (NON_CR_NON_PD, [a.date for a in late if a.response == NON_CR_NON_PD]),
        (PD, [a.date for a in rows if a.response == PD]),
        (NE, [a.date for a in rows]),
    ]
    return next(((name, min(dates)) for name, dates in steps if dates), (MISSING, None))


def _is_confirmed(first: Assessment, rows: Sequence[Assessment], rules: ResponseRules) -> bool:
    return any(_confirms(first, second, rows, rules) for second in rows if second.date > first.date)


def _confirms(first: Assessment, second: Assessment, rows: Sequence[Assessment], rules: ResponseRules) -> bool:
    """Whether `second` confirms `first`.

    silent: confirm_accept_sd speaks of PR pairs, as a CR with an SD behind it is a data conflict.
    """
    if (second.date - first.date).days < rules.confirm_days:
        return False
    between = [a.response for a in rows if first.date < a.date < second.date]
    if between.count(NE) > rules.confirm_max_ne:
        return False
    if first.response == CR:
        return second.response == CR and set(between) <= {CR, NE}
    accepts_sd = rules.confirm_accept_sd == "Y" and between.count(SD) <= 1
    allowed = {PR, CR, NE, SD} if accepts_sd else {PR, CR, NE}
    if second.response not in (PR, CR) or not set(between) <= allowed:
        return False
    course = [*between, second.response]
    return CR not in course or PR not in course[course.index(CR) :]
