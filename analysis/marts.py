"""What the analyses read: SQL selects on released marts, as arrays. No derivation happens here or later.

Patients of a study and variant keep one order (centre, patient key); every array has one entry a patient.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb
import numpy as np

from analysis.statistics.arrays import Flags, Floats, Integers

Record = tuple[Any, ...]

NO_LEVEL = -1
"""Level code of a patient whose value is missing or belongs to no level of the protocol."""


@dataclass(frozen=True)
class Times:
    """One endpoint: `months` (nan for a patient outside it, such as non-responders in DOR) and event flags.

    `strata` are codes of the patients' centres, by which Cox models are stratified (rule R9.8); None for one centre.
    """

    months: Floats
    is_event: Flags
    strata: Integers | None = None

    @property
    def has(self) -> Flags:
        """Who has a time."""
        return np.isfinite(self.months)

    def of(self, members: Flags) -> "Times":
        """The times of these patients; `members` has shape (patients,)."""
        strata = None if self.strata is None else self.strata[members]
        return Times(self.months[members], self.is_event[members], strata)


@dataclass(frozen=True)
class CovariateValues:
    """One covariate: level by its place in the protocol (or `NO_LEVEL`), number (or nan), missing flag."""

    level: Integers
    number: Floats
    is_missing: Flags


@dataclass(frozen=True)
class StudyMarts:
    """Released marts of one study and variant."""

    connection: duckdb.DuckDBPyConnection
    study_id: str
    variant: str

    def select(self, sql: str, *arguments: object) -> list[Record]:
        """Rows of a select whose first two placeholders are study and variant."""
        return self.connection.execute(sql, [self.study_id, self.variant, *arguments]).fetchall()

    @cached_property
    def patients(self) -> dict[tuple[str, str], int]:
        """Included patients (centre, patient key) and their place in the order."""
        rows = self.select(
            "select centre_id, patient_key from marts.study_cohort where study_id = ? and variant = ? and is_included "
            "order by centre_id, patient_key"
        )
        return {(centre, patient): place for place, (centre, patient) in enumerate(rows)}

    @property
    def n(self) -> int:
        """Included patients."""
        return len(self.patients)

    @cached_property
    def centres(self) -> tuple[str, ...]:
        """Centre of each patient."""
        return tuple(centre for centre, _ in self.patients)

    def by_patient(self, sql: str, *arguments: object) -> list[tuple[int, Record]]:
        """Place of the patient and rest of each row, for a select that begins with centre_id and patient_key."""
        rows = self.select(sql, *arguments)
        return [(self.patients[centre, patient], tuple(rest)) for centre, patient, *rest in rows]

    @cached_property
    def strata(self) -> Integers | None:
        """Code of each patient's centre, None where all are of one."""
        names = sorted(set(self.centres))
        return np.array([names.index(centre) for centre in self.centres]) if len(names) > 1 else None

    def times(self, paramcd: str) -> Times:
        """Times of one endpoint from marts.survival_times (CNSR 0 is an event)."""
        months, is_event = np.full(self.n, np.nan), np.zeros(self.n, dtype=bool)
        for place, (time, censored) in self.by_patient(
            "select centre_id, patient_key, aval_months, cnsr from marts.survival_times "
            "where study_id = ? and variant = ? and paramcd = ?",
            paramcd,
        ):
            months[place], is_event[place] = time, censored == 0
        return Times(months, is_event, self.strata)

    def covariate(self, name: str, levels: tuple[str, ...]) -> CovariateValues:
        """Values of one covariate from marts.covariates; `levels` are the protocol's labels in their order."""
        codes = {level: code for code, level in enumerate(levels)}
        level = np.full(self.n, NO_LEVEL, dtype=np.int64)
        number, is_missing = np.full(self.n, np.nan), np.ones(self.n, dtype=bool)
        for place, (measured, text, label) in self.by_patient(
            "select centre_id, patient_key, value_number::double, value_text, level from marts.covariates "
            "where study_id = ? and variant = ? and covariate = ?",
            name,
        ):
            level[place] = codes.get(label, NO_LEVEL)
            number[place] = np.nan if measured is None else measured
            is_missing[place] = measured is None and text is None
        return CovariateValues(level, number, is_missing)
