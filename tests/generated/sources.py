"""Patients whose baseline and whose source of responses have to be chosen: two readers, recorded and measured.

Time points are aimed at the bounds of the baseline's window and of its LATE part, at the days that still belong to one
time point, and at the data cutoff; each reader sees them a little apart, or not at all.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from random import Random

from hypothesis import strategies as st

from tests.generated.histories import CUTOFF, ExtractRow, History, Value, died, row
from tests.generated.lesions import readings
from tests.reference import defaults
from tests.reference.days import after, seen, until
from tests.reference.recist import Reading
from tests.reference.response import EVALUABLE, MISSING, Assessment, BestResponse, best_response, one_a_day
from tests.reference.sources import (
    BASELINE_LABEL,
    DERIVED,
    IND,
    INV,
    RECORDED_BY,
    Assessed,
    LesionCourse,
    Stream,
    chosen,
    discordance,
    lesion_course,
    streams,
)
from tests.reference.survival import Endpoints, FollowUp

INDEX = after(CUTOFF, -100)
LONGEST_LAG = 5
BEFORE = (-60, -58, -57, -56, -43, -42, -41, -29, -28, -27, -15, -14, -2, -1, 0)
AFTER = (1, 14, 15, 16, 29, 41, 42, 43, 56, 57, 58, 70, 85, 99, 100, 101)
APART = (0, 0, 0, 0, 1, 13, 14, 15, -14, -15)
SIZES = tuple(Decimal(mm) for mm in (10, 20, 24, 30))
FATES = (*["MEASURED"] * 10, "NE", "no row", "ABSENT")
STATES = (*["NONCR"] * 8, "CR", "NE", "PD", "no row")
RESPONSES = ("CR", "PR", "PR", "SD", "SD", "SD", "PD", "NE", "NON-CR/NON-PD")


@st.composite
def sourced_histories(draw: st.DrawFn) -> History:
    """One patient of one or two readers, of whom lesions, recorded responses or both are known.

    Only the seed is hypothesis's: what it draws itself is mostly the first of the choices.
    """
    chance = Random(draw(st.integers(0, 2**63)))
    plan = [*_some(chance, BEFORE, (0, 1, 1, 2, 3)), *_some(chance, AFTER, (0, 1, 2, 2, 3, 4))]
    rows: list[ExtractRow] = []
    words = [f"planned_{'_'.join(map(str, plan))}"]
    for reader in chance.choice([[INV], [INV, IND], [INV, IND], [INV, IND], [IND]]):
        kind = chance.choice(["recorded", "measured", "measured", "both"])
        words.append(f"{reader}_{kind}")
        days = sorted({offset + chance.choice(APART) for offset in plan if chance.random() < 0.9})
        if kind != "recorded":
            rows += _measured(chance, reader, days)
        if kind != "measured":
            rows += _recorded(chance, reader, days)
    rows += _others(chance, plan)
    return History("_".join(words), tuple(dict.fromkeys(rows)))


def _some(chance: Random, offsets: Sequence[int], numbers: Sequence[int]) -> list[int]:
    return sorted(chance.sample(offsets, chance.choice(numbers)))


def _day(offset: int) -> str:
    return after(INDEX, offset).isoformat()


def _recorded(chance: Random, reader: str, offsets: list[int]) -> list[ExtractRow]:
    """Responses after index as they were written down, now and then two of one day."""
    days = [_day(offset) for offset in offsets if offset > 0 or chance.random() < 0.2]
    return [
        row("response", reader=reader, response_date=day, response=response)
        for day in days
        for response in chance.sample(RESPONSES, chance.choice([1, 1, 1, 1, 2]))
    ]


def _measured(chance: Random, reader: str, offsets: list[int]) -> list[ExtractRow]:
    """Two targets and a non-target; at some time point other targets may take over, or a label say 'baseline'."""
    rows: list[ExtractRow] = []
    takes_over = chance.choice(offsets) if offsets and chance.random() < 0.2 else None
    labelled = chance.choice([None, None, *(each for each in offsets if each <= 0)])
    names = chance.choice([["T1"], ["T1", "T2"], ["T1", "T2"], ["T1", "T2"], []])
    previous: int | None = None
    for offset in offsets:
        is_apart = previous is None or offset - previous > LONGEST_LAG
        label = BASELINE_LABEL if offset == labelled and is_apart else None
        if offset == takes_over:
            names = [name.replace("T", "A") for name in names]
        for name in names:
            rows += _target(chance, reader, name, offset, label)
        state = chance.choice(STATES)
        if state != "no row":
            later = offset if label else offset + chance.choice([0, 0, 2, LONGEST_LAG])
            rows.append(_lesion(reader, "NT1", "NONTARGET", later, label, nt_status=state))
        if chance.random() < 0.07:
            rows.append(_lesion(reader, "N1", "NEW", offset, label, certainty="UNEQUIVOCAL"))
        previous = offset
    return rows


def _lesion(reader: str, name: str, role: str, offset: int, label: str | None, **values: Value) -> ExtractRow:
    return row("lesion", reader=reader, lesion_id=name, role=role, tp=label, scan_date=_day(offset), **values)


def _target(chance: Random, reader: str, name: str, offset: int, label: str | None) -> list[ExtractRow]:
    fate = chance.choice(FATES)
    if fate == "no row":
        return []
    mm = chance.choice(SIZES) if fate == "MEASURED" else None
    return [_lesion(reader, name, "TARGET", offset, label, organ="LIVER", status=fate, mm=mm)]


def _others(chance: Random, plan: list[int]) -> list[ExtractRow]:
    """Imaging of which nothing is known, radiotherapy to the lung as a new therapy, a death."""
    rows = []
    near = [offset + shift for offset in plan for shift in (-1, 0, 1, 2, LONGEST_LAG)] or [30]
    if chance.random() < 0.2:
        scanned = _day(chance.choice(BEFORE))
        rows.append(row("scan", scan_id=scanned, scan_date=scanned, modality="CT", region="CHEST"))
    if chance.random() < 0.25:
        start = _day(chance.choice(near))
        rows.append(row("procedure", kind="RT", start_text=start, target_site="LUNG", intent="PALLIATIVE"))
    if chance.random() < 0.2:
        rows.append(died(after(INDEX, max(1, chance.choice(near)))))
    return rows


class SourcedReading:
    """One such patient as the reference reads it.

    silent: a patient without any source of responses is compared with imaging before index alone.
    """

    def __init__(self, history: History, parameters: Mapping[str, str]) -> None:
        self.history = history
        self.parameters = parameters
        self.rules = defaults.baseline_rules(parameters)
        self.recist = defaults.recist_rules(parameters)

    def _days(self, table: str, column: str) -> list[dt.date]:
        return [dt.date.fromisoformat(str(r[column])) for r in self.history.of(table)]

    @cached_property
    def courses(self) -> dict[str, LesionCourse]:
        """Lesions of each reader, none read after the cutoff."""
        found: dict[str, LesionCourse] = {}
        for reader in (INV, IND):
            of_reader = History("", tuple(r for r in self.history.rows if ("reader", reader) in r.values))
            known = [r for r in self._worst(readings(of_reader)) if seen(r.date, CUTOFF)]
            if known:
                found[reader] = lesion_course(known, INDEX, self.rules, self.recist)
        return found

    def _worst(self, rows: Sequence[Reading]) -> list[Reading]:
        """R0.7, DQ017: of two rows of one lesion and day the worse state, NE the least."""
        order = ("PD", "NONCR", "CR", "NE")
        by_lesion: dict[tuple[str, dt.date], list[Reading]] = {}
        for reading in rows:
            by_lesion.setdefault((reading.lesion_id, reading.date), []).append(reading)
        return [min(of_day, key=lambda r: order.index(r.nt_status or "NE")) for of_day in by_lesion.values()]

    @cached_property
    def streams(self) -> list[Stream]:
        recorded: dict[str, list[Assessment]] = {}
        for r in self.history.of("response"):
            day = dt.date.fromisoformat(str(r["response_date"]))
            if seen(day, CUTOFF):
                recorded.setdefault(str(r["reader"]), []).append(Assessment(day, str(r["response"])))
        return streams({reader: one_a_day(rows) for reader, rows in recorded.items()}, self.courses, INDEX)

    @cached_property
    def chosen(self) -> Stream | None:
        return chosen(self.streams, self.courses, self.rules, self.recist.tp_window_days)

    @cached_property
    def new_therapy(self) -> dt.date | None:
        days = [day for day in self._days("procedure", "start_text") if day > INDEX and seen(day, CUTOFF)]
        return min(days, default=None)

    @cached_property
    def imaging(self) -> dt.date | None:
        """R3.3: the latest scan or reading of the window."""
        days = self._days("scan", "scan_date") + self._days("lesion", "scan_date")
        days += self._days("response", "response_date")
        return max((day for day in days if self.rules.holds(day, INDEX)), default=None)

    def best_of(self, stream: Stream | None) -> BestResponse:
        rules = defaults.response_rules(self.parameters)
        assessments = stream.assessments if stream else []
        return best_response(assessments, INDEX, self.new_therapy, CUTOFF, rules)

    def baselines(self) -> list[tuple[object, ...]]:
        """Reader, day and flag of each baseline that lesions give."""
        days = [(reader, course.baseline) for reader, course in sorted(self.courses.items())]
        return [(reader, day, self.rules.flag(day, INDEX)) for reader, day in days if day]

    def best(self) -> list[tuple[object, ...]]:
        """Source, best responses and progression; the baseline's day and flag; agreement of the readers."""
        found = self.best_of(self.chosen)
        course = self.courses.get(self.chosen.reader) if self.chosen else None
        imaging = (course.baseline if course else None) or self.imaging
        flag = self.rules.flag(imaging, INDEX) if imaging else None
        source = self.chosen.source if self.chosen and found.bor != MISSING else None
        of_readers = [self._of_reader(reader) for reader in (INV, IND)]
        responses = [best.bor if best else None for best in of_readers]
        agreement, shift = None, None
        if of_readers[0] and of_readers[1]:
            agreement = discordance(of_readers[0].bor, of_readers[1].bor)
            first, second = of_readers[0].pd_date, of_readers[1].pd_date
            shift = (second - first).days if first and second else None
        told = (found.first_response_date, found.first_confirmed_response_date, found.pd_date, found.n_assessments)
        best = (found.bor, found.bor_date, found.confirmed_bor, found.confirmed_bor_date)
        return [(source, *best, *told, imaging, flag, *responses, agreement, shift)]

    def _of_reader(self, reader: str) -> BestResponse | None:
        own = {s.source: s for s in self.streams if s.reader == reader}
        stream = own.get(RECORDED_BY[reader]) or own.get(DERIVED)
        return self.best_of(stream) if stream else None

    def endpoints(self) -> list[tuple[object, ...]]:
        """End and code of each endpoint that rests on responses."""
        rows: list[Assessed] = [*self.chosen.rows] if self.chosen else []
        scans = [r.last_evaluable for r in rows if r.response in EVALUABLE and r.last_evaluable]
        proofs = [*self._days("lesion", "scan_date"), *self._days("response", "response_date")]
        proofs += self._days("scan", "scan_date") + self._days("procedure", "start_text")
        follow_up = FollowUp(
            index=INDEX,
            assessments=tuple(Assessment(r.date, r.response) for r in rows),
            last_scans=tuple(scans),
            death=min(self._days("death", "date_text"), default=None),
            alive=tuple(until(day, CUTOFF) for day in proofs),
            new_therapy=self.new_therapy,
            has_baseline_assessment=self.imaging is not None,
        )
        times = Endpoints(follow_up, CUTOFF, defaults.survival_rules(self.parameters))
        found = [times.row(paramcd) for paramcd in ENDPOINTS]
        return sorted((r.paramcd, r.start, r.end, r.cnsr) for r in found if r)

    def failures(self) -> list[tuple[object, ...]]:
        """Checks of R10 on imaging and responses, with the rows that fail each."""
        scans = {*self._days("scan", "scan_date"), *self._days("lesion", "scan_date")}
        failed = [] if self.imaging else ["DQ031"]
        failed += ["DQ032"] if self.best_of(self.chosen).bor == MISSING else []
        for reader in (INV, IND):
            rows = [r for r in self.history.of("response") if r["reader"] == reader]
            told = sorted((dt.date.fromisoformat(str(r["response_date"])), str(r["response"])) for r in rows)
            for day, response in told:
                far = scans and min(abs((day - scan).days) for scan in scans) > DAYS_TO_A_SCAN
                failed += ["DQ067"] if far else []
                failed += self._conflicts(told, day, response)
        return sorted((check, failed.count(check)) for check in set(failed))

    def _conflicts(self, told: list[tuple[dt.date, str]], day: dt.date, response: str) -> list[str]:
        """silent: a progression ends the complete response before it; no line of therapy is known here."""
        if response not in EVALUABLE:
            return []
        last_cr = max((d for d, seen_as in told if d < day and seen_as == "CR"), default=None)
        last_pd = max((d for d, seen_as in told if d < day and seen_as == "PD"), default=None)
        lost = response != "CR" and last_cr is not None and (last_pd is None or last_cr > last_pd)
        return ["DQ068"] * lost + ["DQ069"] * (last_pd is not None)


ENDPOINTS = ("OS", "PFS", "PFSFDA", "TTP", "DOR", "TTR")
DAYS_TO_A_SCAN = 14
