"""Small cells across linked tables (rule R9.9): which counts to withhold so that sums do not give a small one away.

One line of a table is `analysis.disclosure.shown_counts`; here counts belong to several sums at once, as the patients
who left at a criterion in a centre belong to the criterion's total and to the centre's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure import SUPPRESSED

Kind = Literal["shown", "public", "implied"]


@dataclass(frozen=True)
class Cell:
    """One count: `shown` in a table, `public` as a total that is printed elsewhere, or `implied` by subtraction."""

    count: int
    kind: Kind = "shown"


@dataclass
class LinkedCounts:
    """Counts by name, and the sums that readers can do with them. `k` is the smallest count that may be shown."""

    k: int
    cells: dict[str, Cell] = field(default_factory=dict)
    sums: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def add(self, name: str, count: int, kind: Kind = "shown") -> str:
        """Add a cell and give its name back."""
        self.cells[name] = Cell(count, kind)
        return name

    def add_sum(self, total: str, parts: Sequence[str]) -> None:
        """Say that some cells add up to another.

        Raises:
            ValueError: they do not.
        """
        if sum(self.cells[part].count for part in parts) != self.cells[total].count:
            raise ValueError(f"{', '.join(parts)} do not add up to {total}")
        self.sums.append((total, tuple(parts)))

    def printed(self) -> dict[str, str | None]:
        """What stands in place of each shown cell: '<k' or 'suppressed'; None where the count itself may stand.

        Cells are hidden, the smallest first, until no small count has only one value that the sums allow. A reader is
        taken to know the rule: '<k' is 1 to k - 1, and a cell suppressed beside it is not.
        """
        return _Search(self).words()


class _Search:
    """Hides cells of linked counts one by one."""

    def __init__(self, linked: LinkedCounts) -> None:
        self._linked = linked
        self._names = list(linked.cells)
        self._place = {name: place for place, name in enumerate(self._names)}
        self._small = [
            name for name, cell in linked.cells.items() if 0 < cell.count < linked.k and cell.kind != "public"
        ]
        self._unlabelled = self._parts_of_small_totals()
        shown_small = {name for name in self._small if linked.cells[name].kind == "shown"}
        self._hidden = shown_small | self._unlabelled
        self._matrix = np.zeros((len(linked.sums), len(self._names)))
        for row, (total, parts) in enumerate(linked.sums):
            self._matrix[row, self._place[total]] = -1
            for part in parts:
                self._matrix[row, self._place[part]] = 1

    def _parts_of_small_totals(self) -> set[str]:
        """Where readers know a total below k, even '<k' and a shown 0 say too much: all of its cells are withheld."""
        return {
            part
            for total, parts in self._linked.sums
            if self._linked.cells[total].kind == "public" and 0 < self._linked.cells[total].count < self._linked.k
            for part in parts
            if self._linked.cells[part].kind == "shown"
        }

    def words(self) -> dict[str, str | None]:
        self._hide_single_cells()
        for name in self._small:
            while self._is_given_away(name) and self._hide_one_more(name):
                pass
        return {
            name: self._word(name) if name in self._hidden else None
            for name, cell in self._linked.cells.items()
            if cell.kind == "shown"
        }

    def _hide_single_cells(self) -> None:
        """Leave no sum with exactly one unknown cell: the smallest other count that is not zero goes with it."""
        has_changed = True
        while has_changed:
            has_changed = False
            for total, parts in self._linked.sums:
                line = (total, *parts)
                unknown = [name for name in line if name in self._hidden or self._linked.cells[name].kind == "implied"]
                others = self._candidates(line)
                if len(unknown) == 1 and unknown[0] in self._hidden and others and self._count(others[0]):
                    self._hidden.add(others[0])
                    has_changed = True

    def _candidates(self, names: Iterable[str]) -> list[str]:
        """Counts that could still be hidden, the smallest first; a shown 0 comes last."""
        cells = self._linked.cells
        free = {name for name in names if name not in self._hidden and cells[name].kind == "shown"}
        return sorted(free, key=lambda name: (not self._count(name), self._count(name), name))

    def _hide_one_more(self, name: str) -> bool:
        """Hide the first count that helps, in a sum with this cell or, failing that, with any hidden one."""
        for reached in ({name}, self._hidden):
            lines = ((total, *parts) for total, parts in self._linked.sums if reached & {total, *parts})
            beside = self._candidates(cell for line in lines for cell in line)
            helping = (cell for cell in beside if not self._is_given_away(name, also_hidden=cell))
            if (candidate := next(helping, None)) is not None:
                self._hidden.add(candidate)
                return True
        if beside:
            self._hidden.add(beside[0])
            return True
        return self._take_label_away(name)

    def _take_label_away(self, name: str) -> bool:
        """Where nothing is left to hide, the words '<k' themselves say too much."""
        labelled = self._hidden & set(self._small) - self._unlabelled
        if labelled:
            self._unlabelled.add(name if name in labelled else min(labelled, key=self._count))
        return bool(labelled)

    def _word(self, name: str) -> str:
        is_labelled = name in self._small and name not in self._unlabelled
        return f"<{self._linked.k}" if is_labelled else SUPPRESSED

    def _range(self, name: str) -> tuple[float, float]:
        """What a reader knows of a cell before doing any sum."""
        cell = self._linked.cells[name]
        if cell.kind == "implied" or name in self._unlabelled:
            return 0, np.inf
        if name not in self._hidden:
            return cell.count, cell.count
        if name in self._small:
            return 1, self._linked.k - 1
        return (self._linked.k, np.inf) if cell.count else (0, np.inf)

    def _is_given_away(self, name: str, also_hidden: str | None = None) -> bool:
        """Whether the sums leave this cell one value only."""
        ranges = np.array([self._range(other) for other in self._names], dtype=np.float64)
        if also_hidden is not None:
            count = self._count(also_hidden)
            ranges[self._place[also_hidden]] = (self._linked.k if count else 0, np.inf)
        goal = np.zeros(len(self._names))
        goal[self._place[name]] = 1
        sums = LinearConstraint(self._matrix, 0, 0)
        whole = np.ones(len(self._names))
        bounds = Bounds(ranges[:, 0], ranges[:, 1])
        least, most = (milp(sign * goal, constraints=sums, bounds=bounds, integrality=whole) for sign in (1, -1))
        return least.x is not None and most.x is not None and round(least.fun) == round(-most.fun)

    def _count(self, name: str) -> int:
        return self._linked.cells[name].count
