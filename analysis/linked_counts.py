"""Small cells across linked tables (rule R9.9): which counts to withhold so that sums do not give a small one away.

One line of a table is `analysis.disclosure.shown_counts`; here counts belong to several sums at once, as the patients
who left at a criterion in a centre belong to the criterion's total and to the centre's.
"""

from collections.abc import Sequence
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
        for name in self._small:
            while self._is_given_away(name):
                if (candidate := self._next_to_hide(name)) is not None:
                    self._hidden.add(candidate)
                elif labelled := self._hidden & set(self._small) - self._unlabelled:
                    # Nothing is left to hide, so the words '<k' themselves say too much.
                    self._unlabelled.add(name if name in labelled else min(labelled, key=self._count))
                else:
                    break
        return {
            name: self._word(name) if name in self._hidden else None
            for name, cell in self._linked.cells.items()
            if cell.kind == "shown"
        }

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

    def _is_given_away(self, name: str) -> bool:
        ranges = np.array([self._range(other) for other in self._names])
        goal = np.zeros(len(self._names))
        goal[self._place[name]] = 1
        sums = LinearConstraint(self._matrix, 0, 0)
        whole = np.ones(len(self._names))
        bounds = Bounds(ranges[:, 0], ranges[:, 1])
        least, most = (milp(sign * goal, constraints=sums, bounds=bounds, integrality=whole) for sign in (1, -1))
        return least.x is not None and most.x is not None and round(least.fun) == round(-most.fun)

    def _next_to_hide(self, name: str) -> str | None:
        """The smallest shown count in a sum with this cell or, failing that, with any hidden one; a 0 only at last."""
        for reached in ({name}, self._hidden):
            beside = {
                cell
                for total, parts in self._linked.sums
                if reached & {total, *parts}
                for cell in (total, *parts)
                if cell not in self._hidden and self._linked.cells[cell].kind == "shown"
            }
            if beside:
                return min(beside, key=lambda cell: (not self._linked.cells[cell].count, self._count(cell), cell))
        return None

    def _count(self, name: str) -> int:
        return self._linked.cells[name].count
