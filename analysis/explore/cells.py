"""Which groups of a question may be shown: its covariates cross-tabulated, cell by cell under disclosure control."""

from dataclasses import dataclass

import numpy as np

from analysis.disclosure import hidden_cells
from analysis.estimates.levels import Factor
from analysis.statistics.arrays import Flags, Integers


@dataclass(frozen=True)
class Cells:
    """The patients of a study by the levels of some covariates; `k` is the smallest count that may be shown.

    Patients without a level have a cell of their own on each axis, the last one.
    """

    factors: tuple[Factor, ...]
    k: int

    def hidden(self, *classes: Flags) -> Flags:
        """Which cells may not be shown.

        Args:
            classes: patients of each class; no patient is in two, and those in none are left out.

        Returns:
            Flags with one axis a factor and a last one for the classes.
        """
        codes = tuple(self._codes(factor) for factor in self.factors)
        shape = tuple(len(factor.labels) + 1 for factor in self.factors)
        tables = []
        for members in classes:
            table = np.zeros(shape, dtype=np.int64)
            np.add.at(table, tuple(code[members] for code in codes), 1 if codes else int(members.sum()))
            tables.append(table)
        return hidden_cells(np.stack(tables, axis=-1), self.k)

    def _codes(self, factor: Factor) -> Integers:
        level = factor.values.level
        return np.where(level < 0, len(factor.labels), level)
