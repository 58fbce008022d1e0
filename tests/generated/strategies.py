"""Strategies that aim at the boundaries of the rules: the last day inside, the first day outside, two things on a day.

Each draws a whole patient and names it after what was drawn.
"""

import datetime as dt

from hypothesis import strategies as st

from tests.generated.histories import (
    CUTOFF,
    ExtractRow,
    History,
    assessed,
    blinded,
    died,
    died_in,
    dispensed,
    given,
    happened,
    irradiated,
    met,
    resected,
)
from tests.reference.days import add_months, after

GAPS = st.sampled_from([0, 1, 27, 28, 29, 119, 120, 121, 126, 127])
NEAR = st.sampled_from([-1, 0, 1])
STARTS = st.sampled_from([dt.date(2021, 1, 4), dt.date(2021, 8, 31), dt.date(2023, 11, 30), dt.date(2024, 2, 29)])
RESPONSES = st.sampled_from(["CR", "PR", "PR", "SD", "SD", "PD", "NE", "NON-CR/NON-PD"])
CYCLE = 21
ORAL_CYCLES = {"anlotinib": (14, 21), "s1": (14, 21), "apatinib": (28, 28)}
INFUSIONS = ["camrelizumab", "tislelizumab", "paclitaxel", "paclitaxel_nab", "cisplatin", "nedaplatin", "irinotecan"]


class Story:
    """Collects rows and the words that name them."""

    def __init__(self) -> None:
        self.rows: list[ExtractRow] = []
        self.words: list[str] = []

    def tell(self, words: str, *rows: ExtractRow) -> None:
        """Add rows under a few words."""
        self.words.append(words)
        self.rows.extend(rows)

    def history(self) -> History:
        """The patient; two identical rows are one, as landing would see them."""
        return History("_".join(self.words) or "nothing_recorded", tuple(dict.fromkeys(self.rows)))


@st.composite
def infusion_histories(draw: st.DrawFn) -> History:
    """One infused drug: intervals about 2 x cycle + 14, progressions on, before and after an infusion, the cutoff."""
    story = Story()
    drug = draw(st.sampled_from(["camrelizumab", "nivolumab", "pembrolizumab"]))
    cycle = draw(st.sampled_from([14, 21, 42]))
    day = draw(st.one_of(STARTS, st.sampled_from([after(CUTOFF, -60), after(CUTOFF, -20), CUTOFF])))
    story.tell(f"{drug}_every_{cycle}", given(drug, day, cycle))
    for _ in range(draw(st.integers(0, 4))):
        longest = 2 * cycle + 14
        interval = draw(st.sampled_from([0, 1, cycle, cycle + 28, cycle + 29, longest - 1, longest, longest + 1]))
        previous, day = day, after(day, interval)
        story.tell(f"then_{interval}_days_later", given(drug, day, cycle))
        progression = draw(st.sampled_from([None, previous, after(previous, 1), day, after(day, 1)]))
        if progression:
            story.tell(f"progressed_{(progression - previous).days}_days_in", assessed(progression, "PD"))
    return story.history()


@st.composite
def oral_histories(draw: st.DrawFn) -> History:
    """One oral drug: fills about the end of coverage and of the grace period, returns, parts of a cycle."""
    story = Story()
    drug = draw(st.sampled_from(sorted(ORAL_CYCLES)))
    on_days, cycle = ORAL_CYCLES[drug]
    start = day = draw(st.one_of(STARTS, st.sampled_from([after(CUTOFF, -30), after(CUTOFF, -10)])))
    capsules = draw(st.sampled_from([7, 14, 28]))
    story.tell(f"{drug}_{capsules}", dispensed(drug, start, capsules))
    ends = [after(start, capsules // on_days * cycle + capsules % on_days - 1)]
    for _ in range(draw(st.integers(0, 4))):
        what = draw(st.sampled_from(["fill", "fill", "return", "exchange"]))
        if what != "fill":
            taken_back = capsules if what == "exchange" else draw(st.sampled_from([1, 7]))
            on = after(day, draw(st.sampled_from([0, 1, 3])))
            story.tell(f"brought_{taken_back}_back", dispensed(drug, on, -taken_back))
        if what == "return":
            continue
        # Once a whole fill has come back, the gap counts from the fill before it.
        end = ends[-2] if what == "exchange" and len(ends) > 1 else ends[-1]
        gap, capsules = draw(st.sampled_from([-7, 0, 1, 27, 28, 29])), draw(st.sampled_from([7, 14, 28]))
        day = after(end, 1 + gap)
        story.tell(f"{capsules}_more_after_gap_{gap}", dispensed(drug, day, capsules))
        ends.append(after(max(end, day), capsules // on_days * cycle + capsules % on_days - 1))
    return story.history()


def _block(
    drug: str, day: dt.date, cycles: int, intent: str | None, planned: str | None = None
) -> tuple[list[ExtractRow], dt.date, dt.date]:
    """Rows of some cycles of a drug, its last day of dosing, and its last covered day."""
    if drug in ORAL_CYCLES:
        on_days, cycle = ORAL_CYCLES[drug]
        row = dispensed(drug, day, on_days * cycles, intent, planned)
        return [row], after(day, cycle * (cycles - 1) + on_days - 1), after(day, cycle * cycles - 1)
    days = [after(day, CYCLE * n) for n in range(cycles)]
    return [given(drug, d, CYCLE, intent, planned) for d in days], days[-1], after(days[-1], CYCLE - 1)


@st.composite
def line_histories(draw: st.DrawFn) -> History:
    """Blocks of drugs at gaps about 28, 120 and 126 days, alone or together, with scans about every start and end."""
    story = Story()
    start = cover_end = line_start = draw(STARTS)
    marks = [start]
    palette = draw(st.lists(st.sampled_from([*INFUSIONS, *ORAL_CYCLES]), min_size=1, max_size=3, unique=True))
    for number in range(draw(st.integers(1, 5))):
        drugs = draw(st.lists(st.sampled_from(palette), min_size=1, max_size=2, unique=True))
        if number:
            gap = draw(GAPS)
            from_start = draw(st.booleans())
            start = after(line_start, gap) if from_start else after(cover_end, 1 + gap)
            story.words.append(f"{gap}_after_{'start' if from_start else 'cover'}")
        line_start = start if draw(st.booleans()) else line_start
        for drug in drugs:
            cycles = draw(st.sampled_from([1, 1, 2, 6]))
            rows, last_dose, covered = _block(drug, start, cycles, None)
            story.tell(f"{drug}_x{cycles}", *rows)
            cover_end = max(cover_end, covered)
            marks += [start, last_dose, covered, after(covered, 60)]
    for _ in range(draw(st.integers(0, 4))):
        offset = draw(st.sampled_from([-127, -126, -29, -28, -1, 0, 0, 1, 28]))
        day = after(draw(st.sampled_from(marks)), offset)
        finding = draw(st.sampled_from(["PD", "PD", "SD", "PR", "NE", "CLIN_PD"]))
        row = happened("CLIN_PD", day) if finding == "CLIN_PD" else assessed(day, finding)
        story.tell(f"{finding}_on_{day}", row)
    return story.history()


@st.composite
def maintenance_histories(draw: st.DrawFn) -> History:
    """Induction of two drugs, one kept for about two cycles more, then drugs about 28 or 42 days on, some planned."""
    story = Story()
    start = draw(STARTS)
    kept = draw(st.sampled_from(["paclitaxel", "s1", "camrelizumab"]))
    cycles = draw(st.sampled_from([1, 2, 4]))
    rows, _, _ = _block("cisplatin", start, cycles, None)
    story.tell(f"cisplatin_x{cycles}", *rows)
    more = draw(st.sampled_from([0, 1, 2, 3]))
    rows, last_dose, covered = _block(kept, start, cycles + more, None)
    story.tell(f"{kept}_{more}_cycles_longer", *rows)
    for _ in range(draw(st.integers(1, 2))):
        drug = draw(st.sampled_from(["s1", "irinotecan", "apatinib", "nedaplatin", "camrelizumab"]))
        planned = draw(st.sampled_from([None, None, "Y"]))
        delay = draw(st.sampled_from([1, 21, 27, 28, 29, 41, 42, 43, 121, 142]))
        day = after(draw(st.sampled_from([last_dose, covered])), delay)
        rows, last_dose, covered = _block(drug, day, draw(st.sampled_from([1, 2, 3])), None, planned)
        story.tell(f"{drug}_{delay}_later_{'planned' if planned else 'unplanned'}", *rows)
        if draw(st.booleans()):
            finding = draw(st.sampled_from(["PD", "SD", "NE"]))
            seen_on = after(day, draw(st.sampled_from([-127, -126, -1, 0, 1])))
            story.tell(f"{finding}_on_{seen_on}", assessed(seen_on, finding))
    return story.history()


@st.composite
def curative_histories(draw: st.DrawFn) -> History:
    """Courses around surgery and radiotherapy, and relapses about 6 calendar months after the last curative dose."""
    story = Story()
    start = draw(STARTS)
    mark = draw(st.sampled_from(["intent", "neoadjuvant", "adjuvant", "radiotherapy", "nothing"]))
    intent = "CURATIVE" if mark == "intent" else None
    cycles = draw(st.sampled_from([1, 2, 3]))
    rows, last_dose, _ = _block("paclitaxel", start, cycles, intent)
    story.tell(f"{mark}_paclitaxel_x{cycles}_from_{start}", *rows)
    if mark == "neoadjuvant":
        delay = draw(st.sampled_from([0, 1, 30, 119, 120, 121]))
        story.tell(f"surgery_{delay}_later", resected(after(last_dose, delay)))
        last_dose = after(last_dose, delay)
    elif mark == "adjuvant":
        delay = draw(st.sampled_from([0, 1, 119, 120, 121]))
        story.tell(f"surgery_{delay}_earlier", resected(after(start, -delay)))
    elif mark == "radiotherapy":
        dose = draw(st.sampled_from([49, 50, 60]))
        story.tell(f"{dose}_gy", irradiated(after(start, -3), after(start, 35), dose))
    if draw(st.booleans()):
        delay = draw(st.sampled_from([1, 60, 119, 120, 121]))
        rows, last_dose, _ = _block(
            draw(st.sampled_from(["paclitaxel", "cisplatin"])), after(last_dose, delay), 1, intent
        )
        story.tell(f"more_{delay}_later", *rows)
    if draw(st.integers(0, 4)):
        months = draw(st.sampled_from([0, 5, 6, 6, 6]))
        relapse = after(add_months(last_dose, months), draw(NEAR))
        event = draw(st.sampled_from(["M1", "RECURRENCE"]))
        story.tell(f"{event}_on_{relapse}", happened(event, relapse))
        delay = draw(st.sampled_from([-1, 0, 1, 30]))
        drug = draw(st.sampled_from(["paclitaxel", "tislelizumab"]))
        rows, _, _ = _block(drug, after(relapse, delay), 2, None)
        story.tell(f"{drug}_{delay}_after", *rows)
    return story.history()


MONTH_ENDS = [dt.date(2024, 2, 29), dt.date(2024, 3, 1), dt.date(2023, 5, 31), dt.date(2022, 6, 15)]
WINDOW_ENDS = [dt.date(2024, 12, 31), dt.date(2025, 1, 1)]
INDEX_DAYS = st.sampled_from([*MONTH_ENDS, *MONTH_ENDS, *MONTH_ENDS, *WINDOW_ENDS])


@st.composite
def combination_histories(draw: st.DrawFn) -> History:
    """Anlotinib with a PD-1 antibody after earlier treatment, followed to progression, death or the cutoff."""
    story = Story()
    index = draw(INDEX_DAYS)
    story.words.append(f"index_{index}")
    _tell_prior(draw, story, index)
    _tell_combination(draw, story, index)
    last_assessed = _tell_assessments(draw, story, index)
    _tell_next_therapy(draw, story, last_assessed)
    _tell_end(draw, story, last_assessed)
    return story.history()


def _tell_prior(draw: st.DrawFn, story: Story, index: dt.date) -> None:
    agent = draw(st.sampled_from(["nothing", "camrelizumab", "tislelizumab", "paclitaxel", "blinded"]))
    story.words.append(f"after_{agent}")
    if agent == "nothing":
        return
    in_months = after(add_months(index, -3), draw(NEAR))
    last = draw(
        st.one_of(st.just(in_months), st.sampled_from([21, 28, 29, 41, 42, 43, 150]).map(lambda d: after(index, -d)))
    )
    story.words.append(f"last_on_{last}")
    for day in [after(last, -CYCLE), last]:
        story.rows.append(blinded("NCT1", day) if agent == "blinded" else given(agent, day, CYCLE))
    if draw(st.integers(0, 3)):
        progression = draw(st.sampled_from([after(last, -CYCLE), last, after(last, 1), after(index, -1), index]))
        story.tell(f"progressed_{progression}", assessed(progression, "PD"))


def _tell_combination(draw: st.DrawFn, story: Story, index: dt.date) -> None:
    agent = draw(st.sampled_from(["camrelizumab", "tislelizumab"]))
    lead = draw(st.sampled_from([-3, 0, 0, 3, 20, 21, 28, 29, 63]))
    cycles = max(1, draw(st.integers(1, 4)), lead // CYCLE + draw(st.integers(0, 1)))
    rows, _, _ = _block(agent, after(index, -lead), cycles, None)
    story.tell(f"{agent}_x{cycles}_{lead}_before", *rows)
    rows, _, _ = _block("anlotinib", index, draw(st.integers(1, 3)), None)
    story.tell("with_anlotinib", *rows)


def _tell_assessments(draw: st.DrawFn, story: Story, index: dt.date) -> dt.date:
    day = index
    for _ in range(draw(st.integers(0, 5))):
        day = after(day, draw(st.sampled_from([0, 1, 27, 28, 29, 41, 42, 43, 126, 127])))
        response = draw(RESPONSES)
        story.tell(f"{response}_day_{(day - index).days}", assessed(day, response))
    return day


def _tell_next_therapy(draw: st.DrawFn, story: Story, last_assessed: dt.date) -> None:
    if draw(st.booleans()):
        drug = draw(st.sampled_from(["irinotecan", "camrelizumab", "nedaplatin"]))
        offset = draw(st.sampled_from([-28, -1, 0, 1, 126]))
        rows, _, _ = _block(drug, after(last_assessed, offset), 2, None)
        story.tell(f"{drug}_{offset}_after_last_scan", *rows)


def _tell_end(draw: st.DrawFn, story: Story, last_assessed: dt.date) -> None:
    if draw(st.booleans()):
        offset = draw(st.sampled_from([-1, 0, 1, 28, 126, 127]))
        story.tell(f"clinical_pd_{offset}", happened("CLIN_PD", after(last_assessed, offset)))
    end = draw(
        st.sampled_from(["death", "death", "contact", "refill", "death_on_cutoff", "death_after_cutoff", "silence"])
    )
    day = after(last_assessed, draw(st.sampled_from([0, 1, 60, 126, 127, 200])))
    story.words.append(f"{end}_on_{day}")
    if end == "death":
        precision = draw(st.sampled_from(["D", "D", "M", "Y"]))
        story.words.append(f"known_to_{precision}")
        story.rows.append(died(day) if precision == "D" else died_in(day, precision))
    elif end in ("contact", "refill"):
        story.rows.append(met(day, "OUTPATIENT_VISIT" if end == "contact" else "REFILL"))
    elif end != "silence":
        story.rows.append(died(after(CUTOFF, 1 if end == "death_after_cutoff" else 0)))
    if draw(st.integers(0, 3)) == 0:
        story.tell("seen_again", met(after(day, draw(st.sampled_from([-1, 0, 1, 2])))))
