"""Every estimator against R: the numbers in `r/numbers.csv`, and R itself where it is installed."""

import csv
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.analysis.estimates_as_r import estimates, pooled_estimates, read

HERE = Path(__file__).resolve().parent / "r"
DATA = sorted((HERE / "data").glob("*.csv"))
PACKAGES = "survival, cmprsk, metafor, splines"

RELATIVE = 1e-9
BY_SEARCH = {"firth": 1e-7, "meta": 1e-8, "fisher": 1e-7}
"""Families in which R's own number comes from a general optimiser or an iteration that stops early."""
ABSOLUTE = 1e-11

Numbers = dict[tuple[str, str, str], float]


def read_numbers(path: Path) -> Numbers:
    with path.open(encoding="utf-8") as file:
        return {
            (row["data"], row["family"], row["name"]): float("nan" if row["value"] == "NA" else row["value"])
            for row in csv.DictReader(file)
        }


@cache
def committed() -> Numbers:
    return read_numbers(HERE / "numbers.csv")


def assert_same(ours: Numbers, theirs: Numbers) -> None:
    assert set(ours) == set(theirs)
    for key, value in theirs.items():
        tolerance = BY_SEARCH.get(key[1], RELATIVE)
        assert ours[key] == pytest.approx(value, rel=tolerance, abs=ABSOLUTE, nan_ok=True), key


@pytest.mark.parametrize("path", DATA, ids=lambda path: path.stem)
def test_every_estimate_equals_r(path: Path) -> None:
    """Curves, tests, regressions, residuals, means, incidences and weights of a data set are R's to nine digits."""
    ours = {(path.stem, *key): value for key, value in estimates(read(path)).items()}
    assert_same(ours, {key: value for key, value in committed().items() if key[0] == path.stem})


def test_pooled_centres_equal_metafor() -> None:
    """Effects, both intervals, both variances, heterogeneity, prediction and each centre left out are metafor's."""
    assert_same(pooled_estimates(HERE / "effects.csv"), {k: v for k, v in committed().items() if k[1] == "meta"})


def has_r() -> bool:
    program = shutil.which("Rscript")
    loading = "; ".join(f"library({name})" for name in PACKAGES.split(", "))
    return program is not None and not subprocess.run([program, "-e", loading], capture_output=True).returncode


def test_r_still_says_what_is_committed(tmp_path: Path) -> None:
    """R run afresh on the same data writes the committed numbers."""
    if not has_r():
        pytest.skip(f"R with {PACKAGES} is not installed; the committed numbers were compared above.")
    fresh = tmp_path / "numbers.csv"
    command = ["Rscript", str(HERE / "reference.R"), str(HERE / "data"), str(HERE / "effects.csv"), str(fresh)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_same(read_numbers(fresh), committed())
