"""How counts and measured quantities are written down everywhere: n of total in percent, median with its range."""

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.statistics.arrays import Floats
from analysis.statistics.descriptive import mean, quantile


def record_count(
    record: Recorder, place: Place, count: int, total: int, *, source: str, method: str | None = None
) -> None:
    """Write n, total and pct (0 to 100; not estimable of nobody)."""
    record.add(place, "n", count, source=source, n=total)
    record.add(place, "total", total, source=source)
    record.add(place, "pct", 100 * count / total if total else None, source=source, n=total, method=method)


def record_numbers(
    record: Recorder,
    place: Place,
    values: Floats,
    conventions: Conventions,
    *,
    source: str,
    largest_shown: float | None = None,
) -> None:
    """Write how many values are known, shape (patients,), and their mean, median, quartiles and range.

    A statistic above `largest_shown` is not a number but the words that it is at least the next whole one.
    """
    record.add(place, "n", values.size, source=source)
    quartiles = {
        name: quantile(values, share, conventions.quantile_type)
        for name, share in (("median", 0.5), ("q1", 0.25), ("q3", 0.75), ("min", 0.0), ("max", 1.0))
    }
    for statistic, value in {"mean": mean(values), **quartiles}.items():
        method = "arithmetic mean" if statistic == "mean" else conventions.quantile_method
        if largest_shown is not None and value is not None and value > largest_shown:
            text = f"≥ {largest_shown + 1:g}"
            record.add(place, statistic, None, text=text, source=source, method=method, n=values.size)
        else:
            record.add(place, statistic, value, source=source, method=method, n=values.size)
