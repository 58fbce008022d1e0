"""Missing data of each covariate, and how many patients an adjusted model loses by it (rule R9.4: complete cases)."""

from analysis.ard import Place, Recorder
from analysis.estimates.levels import read_factor
from analysis.marts import NO_LEVEL, StudyMarts
from models.protocol import Protocol

SOURCE = "marts.covariates"
MISSING = "missing"


def analyse_missing(marts: StudyMarts, protocol: Protocol, record: Recorder) -> None:
    """Patients without a value, and with a value outside all levels, by covariate; both leave a model's cases."""
    for covariate in protocol.covariates:
        factor = read_factor(marts, protocol, covariate.name)
        is_missing = factor.values.is_missing
        place = Place(MISSING, variable=covariate.name)
        n_missing = int(is_missing.sum())
        record.add(place, "n", n_missing, source=SOURCE, n=marts.n)
        record.add(place, "total", marts.n, source=SOURCE)
        record.add(place, "pct", 100 * n_missing / marts.n if marts.n else None, source=SOURCE, n=marts.n)
        n_other = int(((factor.values.level == NO_LEVEL) & ~is_missing).sum()) if covariate.levels else 0
        record.add(place, "n_outside", n_other, source=SOURCE, n=marts.n)
