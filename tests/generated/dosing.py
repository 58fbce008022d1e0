"""Doses of the index treatment, drawn at the boundaries of R7, and the reference's answer about them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from hypothesis import strategies as st

from tests.generated.comparison import Answer, Answers, Interface
from tests.generated.histories import CUTOFF, ExtractRow, History, Value, died, given, row
from tests.generated.reading import Reading
from tests.generated.strategies import STARTS, Story
from tests.reference import defaults
from tests.reference.days import after
from tests.reference.dosing import (
    Infusion,
    Intensity,
    Levels,
    OnDay,
    Pauses,
    Supply,
    half_up,
    infusion_intensity,
    infusion_pauses,
    levels,
    on_days,
    oral_intensity,
    oral_pauses,
)

ON_DAYS, CYCLE, PD1_CYCLE = 14, 21, 21
STRENGTHS = (Decimal(12), Decimal(10), Decimal(8))
COLUMNS = (
    "component",
    "initial_mg",
    "min_mg",
    "reduced",
    "n_reductions",
    "n_toxicity_reductions",
    "escalated",
    "first_dose_date",
    "last_dose_date",
    "cycles_started",
    "cycles_completed",
    "n_interruptions",
    "n_delays",
    "delay_days",
    "n_omissions",
    "doses_given",
    "doses_planned",
    "total_mg",
    "rdi_initial_pct",
    "rdi_label_pct",
    "is_rdi_above_max",
)


def _capsules(day: dt.date, number: int, mg: Decimal, reason_stop: str | None = None) -> ExtractRow:
    return row(
        "drug_row",
        source_kind="DISPENSE" if number > 0 else "RETURN",
        raw_name="anlotinib",
        raw_spec=f"{mg}mg",
        route="PO",
        qty=Decimal(number),
        units_per_day=Decimal(1),
        dispense_setting="OUTPATIENT",
        start_text=day.isoformat(),
        status="DONE",
        reason_stop=reason_stop,
    )


def _infusion(drug: str, day: dt.date, cycle_days: int, mg: int) -> ExtractRow:
    return row(
        "drug_row",
        source_kind="ADMIN",
        raw_name=drug,
        route="IV",
        dose=Decimal(mg),
        dose_unit="mg",
        start_text=day.isoformat(),
        status="DONE",
        cycle_days=cycle_days,
    )


@st.composite
def dosing_histories(draw: st.DrawFn) -> History:
    """Anlotinib and a PD-1 antibody from one day on: short supplies, exchanged strengths, late and early infusions."""
    story = Story()
    start = draw(st.one_of(STARTS, st.sampled_from([after(CUTOFF, -200), after(CUTOFF, -40)])))
    last_infusion = _tell_infusions(draw, story, start)
    last_fill = _tell_capsules(draw, story, start)
    end = draw(st.sampled_from(["nothing", "nothing", "new_drug", "death"]))
    day = after(max(last_fill, last_infusion), draw(st.sampled_from([0, 1, 3, 13, 14, 20])))
    if end == "new_drug":
        story.tell("then_irinotecan", given("irinotecan", day, CYCLE))
    elif end == "death" and day <= CUTOFF:
        story.tell(f"died_on_{day}", died(day))
    return story.history()


def _tell_capsules(draw: st.DrawFn, story: Story, start: dt.date) -> dt.date:
    """Fills after so many days off the drug: 3 or 4 after 9, 10, 13 or 14 on-days, and the ends of rest and grace."""
    day, mg = start, draw(st.sampled_from(STRENGTHS))
    for _ in range(draw(st.integers(1, 6))):
        number = draw(st.sampled_from([1, 2, 5, 9, 10, 13, 14, 14, 28]))
        reason = draw(st.sampled_from([None, None, "TOXICITY", "INTOLERANCE", "PATIENT_DECISION"]))
        story.tell(f"{number}_of_{mg}_mg_on_{day}", _capsules(day, number, mg, reason))
        last_on = after(day, (number - 1) // ON_DAYS * CYCLE + (number - 1) % ON_DAYS)
        back = draw(st.sampled_from([0, 0, 0, 1, number, number + 3]))
        mg_back = mg
        previous, off = day, draw(st.sampled_from([-5, 0, 2, 3, 4, 7, 8, 20, 28, 29, 35, 36]))
        day = max(after(previous, 1), after(last_on, 1 + off))
        mg = draw(st.sampled_from([mg, mg, *STRENGTHS]))
        if back:
            on = draw(st.sampled_from([after(previous, 1), day]))
            story.tell(f"{back}_back_on_{on}", _capsules(on, -back, mg_back))
    return day


def _tell_infusions(draw: st.DrawFn, story: Story, start: dt.date) -> dt.date:
    """Intervals about cycle + 7 and 2 x cycle - 3, orders that change cycle or dose, and doses on the next day."""
    drug, mg = draw(st.sampled_from([("camrelizumab", 200), ("pembrolizumab", 200), ("serplulimab", 180)]))
    day, cycle = start, draw(st.sampled_from([14, PD1_CYCLE, PD1_CYCLE]))
    story.tell(f"{drug}_on_{day}_every_{cycle}", _infusion(drug, day, cycle, mg))
    for _ in range(draw(st.integers(0, 4))):
        interval = draw(
            st.sampled_from(
                [1, 7, cycle - 1, cycle, cycle + 7, cycle + 8, 2 * cycle - 4, 2 * cycle - 3, 2 * cycle, 2 * cycle + 15]
            )
        )
        day = after(day, interval)
        cycle, mg = draw(st.sampled_from([(cycle, mg), (cycle, mg), (cycle, mg // 2), (14, mg), (2 * cycle, 2 * mg)]))
        cycle = min(cycle, 84)
        story.tell(f"{mg}_mg_{interval}_later_every_{cycle}", _infusion(drug, day, cycle, mg))
    return day


def _dosing(reading: Reading) -> Answers:
    if reading.index.date is None:
        return []
    first = reading.index_line.start
    ends = [after(reading.next_line, -1)] if reading.next_line else []
    ends += [_day(r, "date_text") for r in reading.history.of("death")]
    last = min([*ends, reading.books.cutoff])
    rows = [r for r in reading.history.of("drug_row") if _day(r, "start_text") <= reading.books.cutoff]
    return [_oral(reading, rows, first, last), _infused(reading, rows, first, last)]


def _oral(reading: Reading, rows: Sequence[Mapping[str, Value]], first: dt.date, last: dt.date) -> Answer:
    rules, schedule = defaults.dosing_rules(reading.parameters), defaults.anlotinib_schedule(reading.parameters)
    supplies = _supplies([r for r in rows if r["raw_name"] == "anlotinib"])
    days = [d for d in on_days(supplies, schedule, rules.oral_grace_days) if first <= d.date <= last]
    if not days:
        return _nothing("anlotinib")
    return _answer(
        "anlotinib",
        (days[0].date, days[-1].date),
        levels(_records(days)),
        oral_pauses(days, schedule, rules),
        oral_intensity(days, schedule, Decimal(reading.books.drugs["anlotinib"]["std_dose"])),
        rules.rdi_max_pct,
    )


def _supplies(rows: Sequence[Mapping[str, Value]]) -> list[Supply]:
    return [
        Supply(
            _day(r, "start_text"),
            int(Decimal(r["qty"] or 0)),
            Decimal(str(r["raw_spec"]).removesuffix("mg")),
            None if r["reason_stop"] is None else str(r["reason_stop"]),
        )
        for r in rows
    ]


def _records(days: Sequence[OnDay]) -> list[tuple[Decimal, str | None]]:
    """Supplies of which anything was taken, in their order."""
    taken = dict.fromkeys(day.supply for day in days)
    return [(supply.mg, supply.reason_stop) for supply in sorted(taken, key=lambda supply: supply.day)]


def _infused(reading: Reading, rows: Sequence[Mapping[str, Value]], first: dt.date, last: dt.date) -> Answer:
    rules = defaults.dosing_rules(reading.parameters)
    (agent,) = reading.index_pd1
    drug = reading.books.drugs[agent]
    infused = [r for r in rows if r["raw_name"] == agent and first <= _day(r, "start_text") <= last]
    if not infused:
        return _nothing("pd1")
    infusions = _on_separate_days(infused)
    initial = infusions[0].mg
    return _answer(
        "pd1",
        (infusions[0].day, max(_day(r, "start_text") for r in infused)),
        Levels(initial, min(infusion.mg for infusion in infusions)),
        infusion_pauses(infusions, rules),
        infusion_intensity(infusions, Decimal(drug["std_dose"]), int(drug["cycle_days"])),
        rules.rdi_max_pct,
        has_flat_label=drug["dose_basis"].startswith("mg flat"),
    )


def _on_separate_days(rows: Sequence[Mapping[str, Value]]) -> list[Infusion]:
    """Infusions; doses on consecutive days are one (R2.2), with the longest cycle among their orders."""
    found: list[list[Mapping[str, Value]]] = []
    for given_row in sorted(rows, key=lambda r: _day(r, "start_text")):
        if found and (_day(given_row, "start_text") - _day(found[-1][-1], "start_text")).days <= 1:
            found[-1].append(given_row)
        else:
            found.append([given_row])
    return [
        Infusion(
            _day(group[0], "start_text"),
            max(int(str(r["cycle_days"])) for r in group),
            sum((Decimal(r["dose"] or 0) for r in group), Decimal(0)),
        )
        for group in found
    ]


def _nothing(component: str) -> Answer:
    return (component, *(None for _ in COLUMNS[1:]))


def _answer(
    component: str,
    dates: tuple[dt.date, dt.date],
    doses: Levels,
    pauses: Pauses,
    intensity: Intensity,
    rdi_max_pct: int,
    *,
    has_flat_label: bool = True,
) -> Answer:
    return (
        component,
        doses.initial_mg,
        doses.min_mg,
        "Y" if doses.n_reductions else "N",
        doses.n_reductions,
        doses.n_toxicity_reductions,
        "Y" if doses.n_escalations else "N",
        *dates,
        pauses.cycles_started,
        pauses.cycles_completed,
        pauses.n_interruptions,
        pauses.n_delays,
        pauses.delay_days,
        pauses.n_omissions,
        intensity.given,
        half_up(intensity.planned, 4),
        intensity.total_mg,
        half_up(intensity.rdi_initial, 1),
        half_up(intensity.rdi_label, 1) if has_flat_label else None,
        intensity.rdi_initial > rdi_max_pct,
    )


def _day(values: Mapping[str, Value], column: str) -> dt.date:
    return dt.date.fromisoformat(str(values[column]))


DOSING = Interface(
    name="dosing",
    model="int_dosing",
    relation="intermediate.int_dosing",
    columns=COLUMNS,
    reference=_dosing,
    after=("exposure_episodes", "lines_of_therapy", "index_dates"),
)
