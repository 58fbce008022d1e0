"""How many rows may fail a data-quality check (rule R10): the rule book's tolerance, or one that a hospital sets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.config import Quality
from models.errors import ConfigError
from models.protocol_tables import RowTable

COLUMNS = (("check_id", "VARCHAR"), ("centre_id", "VARCHAR"), ("tolerance_pct", "DECIMAL(18,4)"))


@dataclass(frozen=True)
class Tolerances:
    """Percentages of the rows looked at: `rule_book` by check (None: nothing is judged), `chosen` by check and centre.

    What is chosen for a centre stands before what is chosen for all (centre None), and that before the rule book.
    """

    rule_book: Mapping[str, Decimal | None]
    chosen: Mapping[tuple[str, str | None], Decimal]

    def of(self, check_id: str, centre_id: str | None) -> Decimal | None:
        """The tolerance in percent of a check at a centre, or (None) on a table of all centres together."""
        for place in ((check_id, centre_id), (check_id, None)):
            if place in self.chosen:
                return self.chosen[place]
        return self.rule_book.get(check_id)

    def is_exceeded(self, check_id: str, centre_id: str | None, n_rows: int, n_fail: int) -> bool | None:
        """Whether more rows fail than may; None without rows or without a tolerance. At the tolerance is within it."""
        tolerance = self.of(check_id, centre_id)
        return None if tolerance is None or not n_rows else 100 * n_fail > tolerance * n_rows

    @property
    def table(self) -> RowTable:
        """What is chosen, as the table `tolerances` that the models join."""
        chosen = sorted(self.chosen.items(), key=lambda entry: (entry[0][0], entry[0][1] or ""))
        rows = tuple((check, centre, tolerance) for (check, centre), tolerance in chosen)
        return RowTable("tolerances", COLUMNS, rows)


def read_tolerances(checks: Iterable[Mapping[str, str]], chosen: Quality, file: str) -> Tolerances:
    """The tolerances of the rule book with those of a configuration over them.

    Args:
        checks: rows of the seed dq_checks, with `check_id` and `tolerance_pct` as text.
        chosen: section [quality] of the configuration; shares from 0 to 1.
        file: the configuration's name, for messages.

    Raises:
        ConfigError: a check that the rule book does not have.
    """
    rule_book = {row["check_id"]: _percent(row["tolerance_pct"]) for row in checks}
    entries = {(check, None): share for check, share in chosen.tolerances.items()} | {
        (check, centre): share for centre, some in chosen.centre_tolerances.items() for check, share in some.items()
    }
    unknown = sorted({check for check, _ in entries} - rule_book.keys())
    if unknown:
        raise ConfigError(
            f"{file}: [quality] sets a tolerance for {', '.join(unknown)}, but the checks are {min(rule_book)} to "
            f"{max(rule_book)} (quality.checks lists them)."
        )
    return Tolerances(rule_book, {place: 100 * share for place, share in entries.items()})


def _percent(text: str) -> Decimal | None:
    return Decimal(text) if text else None
