"""Lesions measured by a reader, such that the rules of RECIST 1.1 give back the responses that were told.

Target diameters add up to 100 mm at baseline. Every non-target stays as it is unless it is the cause of a progression.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.readings import BASELINE_SUM_MM, NODE_IN_REMISSION_MM, Reading
from demo.story import Lesion, Story

_MEASURABLE = ("LUNG", "LIVER", "ADRENAL", "PERITONEUM", "SKIN")
_NEVER_TARGETS = ("BONE", "PLEURA")
_NEW_IN = ("LIVER", "ADRENAL", "BONE", "SKIN", "LUNG")
_LEAST_TARGET_MM = 15
_TOO_SMALL_MM, _COUNTED_AS_MM = 6, 5
_NEW_MM, _DOUBTFUL_MM, _BACK_AGAIN_MM = 14, 6, 7


@dataclass(frozen=True, slots=True)
class _Target:
    lesion: str
    organ: str
    baseline_mm: int

    @property
    def is_node(self) -> bool:
        return self.organ.endswith("_LN")


class Reader:
    """One reader's choice of lesions in one patient, and the measurements that follow from it.

    Args:
        story: receives the measurements.
        baseline: day of the scan before the index date.
        name: INV or IND.
        rng: decides which lesions are chosen.
    """

    def __init__(self, story: Story, baseline: date, name: str, rng: Random) -> None:
        self._story = story
        self._name = name
        organs = [found.organ for found in story.metastases if found.day <= baseline + timedelta(21)]
        prefix = "R" if name == "IND" else ""
        self._targets = _targets(organs, prefix, rng)
        self._others = [
            (f"{prefix}NT{number}", organ) for number, organ in enumerate(_non_targets(story, organs), start=1)
        ]
        self._new_organ = next(organ for organ in _NEW_IN if organ not in organs)
        self._prefix = prefix
        self._measure(baseline, BASELINE_SUM_MM)

    def read(self, index: date, readings: Iterable[Reading]) -> list[int]:
        """Measure at each reading; returns the changes of the complete sums in percent of baseline."""
        changes = []
        for reading in readings:
            day = index + timedelta(reading.offset)
            total = self._read(day, reading)
            if total is not None:
                changes.append(total - BASELINE_SUM_MM)
            if self._is_new_lesion_the_cause(reading):
                self._find_new(day, "N1", "UNEQUIVOCAL", _NEW_MM)
            if reading.finding == "DOUBTFUL":
                self._find_new(day, "N2", "EQUIVOCAL", _DOUBTFUL_MM)
        return changes

    def _is_new_lesion_the_cause(self, reading: Reading) -> bool:
        """A new lesion shows, or nothing that could have grown was there before."""
        if reading.finding == "REAPPEARED":
            return all(target.is_node for target in self._targets)
        return reading.finding == "NEW" or (reading.finding == "NONTARGET" and not self._others)

    def _read(self, day: date, reading: Reading) -> int | None:
        if reading.response == "CR":
            return self._remission(day, None)
        if reading.finding == "REAPPEARED":
            return self._remission(day, next((target for target in self._targets if not target.is_node), None))
        others = "PD" if reading.finding == "NONTARGET" else "NONCR"
        if reading.sum_mm is None:
            self._measure_part(day, others)
            return None
        self._measure(day, reading.sum_mm, others)
        return reading.sum_mm

    def _measure(self, day: date, total: int, others: str = "NONCR") -> None:
        sizes = _sizes(self._targets, total)
        for target, mm in zip(self._targets, sizes, strict=True):
            too_small = mm < _TOO_SMALL_MM and not target.is_node
            self._add(day, target, "TSTM" if too_small else "MEASURED", None if too_small else mm)
        self._add_others(day, others)

    def _measure_part(self, day: date, others: str) -> None:
        """The first target could not be seen: the scan was cut short."""
        missing, *seen = self._targets
        self._add(day, missing, "NE", None)
        for target in seen:
            self._add(day, target, "MEASURED", target.baseline_mm)
        self._add_others(day, others)

    def _remission(self, day: date, back_again: _Target | None) -> int:
        """Nothing is left but nodes of normal size; `back_again` has come back."""
        total = 0
        for target in self._targets:
            mm = NODE_IN_REMISSION_MM if target.is_node else _BACK_AGAIN_MM if target is back_again else 0
            self._add(day, target, "MEASURED" if mm else "ABSENT", mm or None)
            total += mm
        self._add_others(day, "CR")
        return total

    def _add(self, day: date, target: _Target, state: str, mm: int | None) -> None:
        self._story.lesions.append(Lesion(day, target.lesion, target.organ, "TARGET", state, mm, self._name))

    def _add_others(self, day: date, state: str) -> None:
        """Only the first non-target grows unmistakably, the rest stays."""
        for number, (lesion, organ) in enumerate(self._others):
            shown = "NONCR" if state == "PD" and number else state
            self._story.lesions.append(Lesion(day, lesion, organ, "NONTARGET", shown, None, self._name))

    def _find_new(self, day: date, number: str, state: str, mm: int) -> None:
        lesion = f"{self._prefix}{number}"
        self._story.lesions.append(Lesion(day, lesion, self._new_organ, "NEW", state, mm, self._name))


def _targets(organs: list[str], prefix: str, rng: Random) -> list[_Target]:
    """Two to four targets: at most two an organ, nodes being one organ, at least one of them no node where possible."""
    nodes = "DISTANT_LN" if "DISTANT_LN" in organs else "REGIONAL_LN"
    others = [organ for organ in organs if organ in _MEASURABLE][:2]
    chosen = [*others, nodes]
    chosen += [organ for organ in (*others, nodes) if rng.random() < (0.4 if others else 1)]
    chosen = sorted(chosen[:4])
    spare = BASELINE_SUM_MM - _LEAST_TARGET_MM * len(chosen)
    cuts = sorted(rng.randint(0, spare) for _ in chosen[1:])
    extra = [high - low for low, high in zip([0, *cuts], [*cuts, spare], strict=True)]
    return [
        _Target(f"{prefix}T{number}", organ, _LEAST_TARGET_MM + more)
        for number, (organ, more) in enumerate(zip(chosen, extra, strict=True), start=1)
    ]


def _non_targets(story: Story, organs: list[str]) -> list[str]:
    primary = ["ESOPHAGUS"] if story.primary_code.startswith("C15") and not story.operations else []
    return primary + [organ for organ in organs if organ in _NEVER_TARGETS]


def _sizes(targets: list[_Target], total: int) -> list[int]:
    """Diameters in proportion to baseline that add up to `total`; one too small to measure counts as five."""
    sizes = [target.baseline_mm * total // BASELINE_SUM_MM for target in targets]
    largest = sizes.index(max(sizes))
    for number, target in enumerate(targets):
        if sizes[number] <= _TOO_SMALL_MM and not target.is_node:
            sizes[number] = _COUNTED_AS_MM
    sizes[largest] += total - sum(sizes)
    return sizes
