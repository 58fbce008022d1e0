"""The truth about the invented patients, in files that only tests read and that never stand inside a delivery."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from demo.story import Outcome, Story

_KEYS = ("centre_id", "identifier_system", "identifier")
_FACTS = (
    *("age", "sex", "ecog", "primary_site", "prior_surgery", "prior_lines", "prior_ici", "tfi_days", "prior_taxane"),
    *("prior_platinum", "prior_targeted", "more_than_three_sites", "baseline_radiotherapy", "anlotinib_mg", "pd1"),
    *("bor", "first_response_date", "pfs_days", "pfs_cnsr", "os_days", "os_cnsr", "treatment_days", "treatment_status"),
)
_COLUMNS: dict[str, tuple[str, ...]] = {
    "patients": (
        *("label", "situation", "eligible", "first_failed", "index_date", *_FACTS),
        *("gastric_eligible", "gastric_index_date"),
    ),
    "lines": ("line_seq", "start_date", "regimen", "setting", "counted"),
    "criteria": ("criterion_id", "status"),
    "responses": ("response_date", "response"),
    "events": (
        *("study_index", "index_date", "response_source", "bor", "first_response_date", "best_change_pct"),
        *("progression_date", "death_date", "death_disputed", "last_alive", "pfs_days", "pfs_cnsr"),
        *("os_days", "os_cnsr", "next_therapy_date"),
    ),
    "dosing": (
        *("component", "initial_mg", "lowest_mg", "reductions", "for_toxicity", "delays", "delay_days"),
        *("omissions", "given_mg", "last_day"),
    ),
    "adverse_events": ("term", "grade"),
    "lab_grades": ("test", "worst_grade"),
}
_EVALUABLE = ("CR", "PR", "SD")
_NO_ASSESSMENT, _DISPUTED = 2, 8

Row = tuple[object, ...]


class TruthWriter:
    """Writes one file a kind of truth, and the README that says what they mean, as patients come."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        readme = files("demo").joinpath("truth.md").read_text(encoding="utf-8")
        (folder / "README.md").write_text(readme, encoding="utf-8")
        self._files = {name: (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") for name in _COLUMNS}
        self._writers: dict[str, Any] = {
            name: csv.writer(file, lineterminator="\n") for name, file in self._files.items()
        }
        for name, columns in _COLUMNS.items():
            self._writers[name].writerow((*_KEYS, *columns))

    def write(self, story: Story, centre_id: str, system: str, identifier: str) -> None:
        """Add one patient."""
        truth, key = story.truth, (centre_id, system, identifier)
        rows: dict[str, Iterator[Row]] = {
            "patients": iter([_patient(story)]),
            "lines": _lines(story),
            "criteria": iter(truth.statuses.items()),
            "responses": _responses(story),
            "events": _events(story),
            "dosing": _dosing(story),
            "adverse_events": iter(truth.related_grades.items() if truth.index else ()),
            "lab_grades": iter(truth.worst_grades.items() if truth.index else ()),
        }
        for name, of_kind in rows.items():
            self._writers[name].writerows((*key, *map(_plain, row)) for row in of_kind)

    def close(self) -> None:
        """Finish all files."""
        for file in self._files.values():
            file.close()


def _patient(story: Story) -> Row:
    truth = story.truth
    head = (truth.label, truth.situation, truth.eligible, truth.first_failed, truth.index)
    facts = (truth.facts.get(name) for name in _FACTS)
    return (*head, *facts, truth.gastric_index is not None, truth.gastric_index)


def _lines(story: Story) -> Iterator[Row]:
    for number, line in enumerate(sorted(story.lines, key=lambda line: line.start), start=1):
        yield (number, line.start, line.regimen, line.setting, line.counted)


def _outcome(story: Story) -> Outcome | None:
    """The outcome of a patient whom some study has an index date for."""
    truth = story.truth
    return truth.outcome if truth.index or truth.gastric_index else None


def _responses(story: Story) -> Iterator[Row]:
    outcome = _outcome(story)
    yield from outcome.readings if outcome else ()


def _events(story: Story) -> Iterator[Row]:
    outcome = _outcome(story)
    if outcome is None:
        return
    first = next((day for day, response in outcome.readings if response in ("CR", "PR")), None)
    yield (
        "combination" if story.truth.index else "gastric_second_line",
        outcome.index,
        outcome.reader,
        outcome.best_response,
        first,
        min(outcome.changes, default=None),
        outcome.progression,
        outcome.death,
        outcome.is_death_disputed,
        outcome.last_alive,
        *_progression_free(outcome),
        *_survival(outcome),
        outcome.next_therapy,
    )


def _progression_free(outcome: Outcome) -> tuple[int, int]:
    """Days, both ends counted, and censoring code of progression-free survival (R6.1)."""
    events = [day for day in (outcome.progression, None if outcome.is_death_disputed else outcome.death) if day]
    if events:
        return (min(events) - outcome.index).days + 1, 0
    evaluable = [day for day, response in outcome.readings if response in _EVALUABLE]
    if not evaluable:
        return 1, _NO_ASSESSMENT
    return (max(evaluable) - outcome.index).days + 1, 1


def _survival(outcome: Outcome) -> tuple[int | None, int]:
    if outcome.death and not outcome.is_death_disputed:
        return (outcome.death - outcome.index).days + 1, 0
    days = (outcome.last_alive - outcome.index).days + 1 if outcome.last_alive else None
    return days, _DISPUTED if outcome.is_death_disputed else 1


def _dosing(story: Story) -> Iterator[Row]:
    if story.truth.index is None:
        return
    for doses in story.truth.doses:
        yield (
            *(doses.component, doses.initial_mg, doses.lowest_mg, doses.reductions, doses.for_toxicity),
            *(doses.delays, doses.delay_days, doses.omissions, doses.given_mg, doses.last_day),
        )


def _plain(value: object) -> object:
    if value is None:
        return ""
    return int(value) if isinstance(value, bool) else value
