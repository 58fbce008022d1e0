"""How one course of drugs becomes days of infusions and dispensings."""

from datetime import date, timedelta

from demo.formulary import FORMULARY
from demo.story import Assessment, Dispensing, Infusion, Scan, Story

CYCLE = 21


def give(
    story: Story, drugs: tuple[str, ...], start: date, until: date, cycles: int = 6, intent: str | None = None
) -> None:
    """Give each drug from `start` on, at most `cycles` three-week cycles, and never after `until`."""
    last = min(until, start + timedelta(CYCLE * cycles - 1))
    for key in drugs:
        if FORMULARY[key].is_oral:
            _hand_out(story, key, start, last, intent)
        else:
            _infuse(story, key, start, last, intent)


def _infuse(story: Story, key: str, start: date, last: date, intent: str | None) -> None:
    drug = FORMULARY[key]
    day = start
    while day <= last:
        for offset in range(drug.infusion_days):
            story.infusions.append(Infusion(day + timedelta(offset), key, drug.mg, drug.cycle_days, intent))
        day += timedelta(drug.cycle_days)


def _hand_out(story: Story, key: str, start: date, last: date, intent: str | None) -> None:
    """A supply a cycle; the first one is cut short when `last` comes before its end, later ones are then left out."""
    drug = FORMULARY[key]
    day = start
    while day == start or day + timedelta(drug.on_days - 1) <= last:
        on_days = min(drug.on_days, (last - day).days + 1)
        story.dispensings.append(
            Dispensing(day, key, on_days * drug.units_per_day, drug.units_per_day, drug.mg, intent)
        )
        day += timedelta(drug.cycle_days)


def assess(story: Story, day: date, response: str, baseline: date, sum_mm: int | None = None) -> None:
    """Record a reading by the investigator together with its scans of chest and abdomen."""
    story.assessments.append(Assessment(day, response, baseline, sum_mm))
    scan(story, day, "考虑进展" if response == "PD" else "同前相仿")


def scan(story: Story, day: date, finding: str) -> None:
    """Record a CT of chest and abdomen: two rows of one day."""
    story.scans.append(Scan(day, "CT", "CHEST", finding))
    story.scans.append(Scan(day, "CT", "ABDOMEN", finding))


def watch(story: Story, start: date, progression: date) -> None:
    """Stable scans about every seven weeks between the start of a line and its progression."""
    day = start + timedelta(42)
    while day <= progression - timedelta(21):
        assess(story, day, "SD", start - timedelta(5))
        day += timedelta(49)
