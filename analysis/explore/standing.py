"""What of one group may be shown (rule R9.9): its size, its events, its responses, its curve and up to which month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.disclosure import FEWEST_FOR_A_CURVE
from analysis.explore.cells import NOTHING, WITHHELD, Cell, Cells, Words
from analysis.marts import Times
from analysis.statistics import kaplan_meier
from analysis.statistics.arrays import Flags

ORR, DCR = "orr", "dcr"


@dataclass(frozen=True)
class Outcomes:
    """What is known of every patient of a study: times of the endpoint, and whether the tumour responded."""

    times: Times
    is_responder: Flags
    is_controlled: Flags


@dataclass(frozen=True)
class Standing:
    """What of a group may be shown; a text stands in the place of a number that may not.

    Attributes:
        n: patients with a time, for decisions; whether it may be printed, `size` says.
        size: in the place of the number of patients, None if that may be shown.
        events: in the place of the number of events.
        responses: in the place of the numbers of 'orr' and 'dcr'.
        end: month at which the curve has to end, None if there may be no curve.
    """

    n: int
    size: str | None
    events: str | None
    responses: Mapping[str, str | None]
    end: float | None

    @property
    def is_empty(self) -> bool:
        """Whether the group has nobody, and that may be said."""
        return self.size is None and not self.n


@dataclass(frozen=True)
class Judge:
    """Decides for the groups of one question; every decision looks at the whole table that the question cuts."""

    cells: Cells
    outcomes: Outcomes

    @cached_property
    def _sizes(self) -> Words:
        has = self.outcomes.times.has
        without = () if has.all() else (~has,)
        return self.cells.words(has, *without)[..., 0]

    @cached_property
    def _events(self) -> Words:
        has, is_event = self.outcomes.times.has, self.outcomes.times.is_event
        return self.cells.words(has & is_event, has & ~is_event)[..., 0]

    @cached_property
    def _responses(self) -> Mapping[str, Words]:
        """Responders and the uncontrolled are cells of one table, with those between them as a third."""
        responder, controlled = self.outcomes.is_responder, self.outcomes.is_controlled
        classes = self.cells.words(responder, controlled & ~responder, ~controlled & ~responder)
        hides_control = (classes[..., 2] != NOTHING) | (self.cells.words(controlled, ~controlled)[..., 0] != NOTHING)
        return {ORR: classes[..., 0], DCR: np.where(hides_control, WITHHELD, NOTHING)}

    def standing(self, members: Flags, cell: Cell, *, is_moved: bool) -> Standing:
        """Decide for the patients of one cell; `is_moved` withholds whatever the table says."""
        k, times = self.cells.k, self.outcomes.times
        inside = members & times.has
        n, events = int(inside.sum()), int(times.is_event[inside].sum())
        size = WITHHELD if is_moved else self._sizes[cell]
        if size is not None:
            return Standing(n, size, events=WITHHELD, responses={ORR: WITHHELD, DCR: WITHHELD}, end=None)
        has_curve = n >= max(FEWEST_FOR_A_CURVE, k) and not 0 < events < k
        return Standing(
            n=n,
            size=None,
            events=self._events[cell],
            responses={rate: words[cell] for rate, words in self._responses.items()},
            end=self._end(inside) if has_curve else None,
        )

    def at_risk(self, months: Sequence[float]) -> dict[tuple[Cell, float], str]:
        """What stands in the place of the numbers at risk that may not be shown, by cell and month."""
        texts: dict[tuple[Cell, float], str] = {}
        for month in months:
            words = self.cells.words(np.nan_to_num(self.outcomes.times.months, nan=-1.0) >= month)[..., 0]
            texts |= {(cell, month): words[cell] for cell in self.cells.asked if words[cell] is not None}
        return texts

    def _end(self, inside: Flags) -> float | None:
        """Last month at which at least k are at risk; None if they are fewer from the start."""
        curve = kaplan_meier.fit(self.outcomes.times.months[inside], self.outcomes.times.is_event[inside])
        thin = kaplan_meier.thin_from(curve, self.cells.k)
        return (float(curve.times[-1]) if thin is None else thin) or None
