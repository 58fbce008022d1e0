"""Covariates of a protocol as the analyses use them: labels, reference level, values of the patients."""

from dataclasses import dataclass

from analysis.marts import CovariateValues, StudyMarts
from models.protocol import Covariate, Protocol


@dataclass(frozen=True)
class Factor:
    """A covariate with its levels in the protocol's order and its patients' values."""

    name: str
    labels: tuple[str, ...]
    reference: int
    values: CovariateValues

    @property
    def others(self) -> tuple[int, ...]:
        """Codes of the levels that are compared with the reference."""
        return tuple(code for code in range(len(self.labels)) if code != self.reference)


def reference_level(covariate: Covariate) -> int:
    """Place of the reference level: the one that the protocol marks, else the first."""
    return next((place for place, level in enumerate(covariate.levels) if level.reference), 0)


def read_factor(marts: StudyMarts, protocol: Protocol, name: str) -> Factor:
    """One covariate of the protocol with the patients' values."""
    covariate = next(covariate for covariate in protocol.covariates if covariate.name == name)
    labels = tuple(level.label for level in covariate.levels)
    return Factor(name, labels, reference_level(covariate), marts.covariate(name, labels))
