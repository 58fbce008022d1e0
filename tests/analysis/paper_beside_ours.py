"""Every number of the published cohort beside ours, row by row, with the reason where they differ.

The paper's numbers are those of docs/examples/anlotinib_pd1_escc_paper.toml; paper_beside_ours.csv says where each of
them stands in results.ard. `python -m tests.analysis.paper_beside_ours` writes docs/paper-beside-ours.md.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from analysis import Place, Results, analyse
from analysis.audit import PublishedTable, parse_table
from analysis.audit.entries import Entry, Median, Mention, Proportion, Rate, Ratio
from models.protocol import Protocol, parse_protocol
from tests.analysis.study_marts import PARAMETERS, escc87_marts
from tests.analysis.treatment_marts import escc87_treatment

ROOT = Path(__file__).resolve().parents[2]
PAPER = ROOT / "docs" / "examples" / "anlotinib_pd1_escc_paper.toml"
PAGE = ROOT / "docs" / "paper-beside-ours.md"
ADDRESSES = Path(__file__).with_suffix(".csv")

TABLE, DEMO = "table", "demo"
"""Whose numbers stand beside the paper's: the table of the 87, or the demo hospital's records of them."""

PAPER_CONVENTIONS = {**PARAMETERS, "median_ci": "spss_symmetric", "cox_ties": "breslow"}
"""What the paper's programs did: SPSS's symmetric intervals of medians, Breslow ties, log-log intervals of rates."""

HEAD = (
    "# The paper beside ours",
    "",
    "Written by `python -m tests.analysis.paper_beside_ours`; a test fails when it is stale. The paper's numbers are",
    "those of docs/examples/anlotinib_pd1_escc_paper.toml. Ours are those of the 87 synthetic patients under the",
    "paper's conventions (intervals of medians as in SPSS, Breslow ties, log-log intervals of rates, log-rank P values",
    "in univariate rows) and, where that prints another number, under our defaults.",
)
TABLE_HEAD = ("| number | paper | ours | by default | why they differ |", "|---|---|---|---|---|")

REASONS = {
    "A1": "Printed with two intervals, one of them SPSS's symmetric one.",
    "A2": "The abstract calls all 87 evaluable, the results 82; ours is the 82 with an evaluable assessment.",
    "A3": "Printed with two values; 46.5% is in the discussion alone.",
    "A4": "Printed with three values: the curve's rate, a crude fraction of 87, and one in the discussion.",
    "A5": "The discussion calls every pneumonia low grade, against Table 3 and ours.",
    "A7": "A difference of rounded percentages; no count gives it.",
    "A8": "The printed ratio, interval and P value exclude each other (docs/audit.md); the 87 cannot meet all of them.",
    "A9": "One ratio for three levels cannot be computed; ours has two, and the global test whose P value stands here.",
    "A10": "57.5% are all later lines together (28 + 22 of 87), printed as the third line.",
    "A11": "No count of 21 gives 24.1%.",
    "A12": "4.7 months are 6.8 cycles of 21 days, not 6.",
    "A15": "Not symmetric as the other medians' intervals are; ours is SPSS's like those.",
    "criterion": "A criterion of inclusion, not a result.",
    "given": "Said in words beside another number.",
    "maturity": "Ours says how many of how many.",
    "complement": "The rest of those whose dose was reduced.",
    "delays": "Ours counts every delay, the paper those for immune-related events.",
    "intensity": "Of 12 mg, the label's dose; of each patient's own first dose it is larger (decision B12).",
    "not_held": "The table of the 87 does not hold it; the demo hospital's records do.",
    "one_endpoint": "Ours fits one Cox endpoint, overall survival; the log-rank P value of PFS stands here.",
    "other_study": "Another study's number.",
    "search": "Found by a search over patients that meets medians, counts and rates, and not every limit or P value.",
}

_STATISTICS: Mapping[type, Mapping[str, str]] = {
    Proportion: {"estimate": "pct", "count": "n", "lower": "pct_lower", "upper": "pct_upper"},
    Median: {"estimate": "median", "lower": "median_lower", "upper": "median_upper"},
    Rate: {"estimate": "rate", "lower": "rate_lower", "upper": "rate_upper"},
    Ratio: {"estimate": "hr", "lower": "hr_lower", "upper": "hr_upper", "p": "p_value"},
}


@dataclass(frozen=True)
class Address:
    """Where a quantity stands in ours, and of its fields (all: *) what they are called there and why they differ.

    What the table of the 87 holds is in any results; the rest only the demo hospital's records give.
    """

    place: Place
    statistics: Mapping[str, str]
    reasons: Mapping[str, str]
    is_held: bool

    def reason(self, field: str) -> str:
        """The words for one field, '' where none are given."""
        if not self.is_held:
            return REASONS["not_held"]
        return REASONS[key] if (key := self.reasons.get(field, self.reasons.get("*", ""))) else ""


@dataclass(frozen=True)
class Beside:
    """One number of the paper and ours: printed alike, under the paper's conventions and under our defaults."""

    quantity: str
    field: str
    where: tuple[str, ...]
    paper: str
    ours: str
    by_default: str
    reason: str

    @property
    def agrees(self) -> bool:
        """Whether ours is printed as the paper's is."""
        return self.ours == self.paper


def read_addresses(source: str = TABLE) -> dict[str, Address]:
    """The rows of paper_beside_ours.csv by quantity, for results of the table of the 87 or of the demo."""
    columns = ("analysis", "endpoint", "group_name", "group_level", "variable", "variable_level")
    with ADDRESSES.open(encoding="utf-8", newline="") as file:
        return {
            row["quantity"]: Address(
                Place(row["analysis"], *(row[name] or None for name in columns[1:])),
                _pairs(row["statistics"]),
                _pairs(row["reasons"]),
                row["held_by"] in ("", source),
            )
            for row in csv.DictReader(file)
        }


def _pairs(text: str) -> dict[str, str]:
    """'lower:A8;upper:A8' as a mapping."""
    return {field: word for field, _, word in (part.partition(":") for part in filter(None, text.split(";")))}


def read_paper() -> PublishedTable:
    """The paper's numbers."""
    return parse_table(PAPER.read_text(encoding="utf-8"), PAPER.name)


def both_results() -> tuple[Results, Results]:
    """Ours for the 87 patients, under the paper's conventions and under the defaults, every factor with curves."""
    file = ROOT / "studies" / "anlotinib_pd1_escc.toml"
    protocol = with_every_factor(parse_protocol(file.read_text(encoding="utf-8"), file.name))
    with duckdb.connect() as connection:
        table = ROOT / "demo" / "escc87.csv"
        escc87_marts(connection, protocol, table)
        escc87_treatment(connection, protocol, table)
        return analyse(connection, protocol, PAPER_CONVENTIONS), analyse(connection, protocol, PARAMETERS)


def with_every_factor(protocol: Protocol) -> Protocol:
    """The protocol with curves and medians by each factor of the paper's Table 2."""
    chosen = protocol.analysis.model_copy(update={"curves_by": protocol.analysis.cox_univariate})
    return protocol.model_copy(update={"analysis": chosen})


def side_by_side(paper: PublishedTable, ours: Results, by_default: Results, source: str = TABLE) -> Iterator[Beside]:
    """Each distinct number of each quantity, in the order of the paper."""
    addresses = read_addresses(source)
    entries = [(place.name, entry) for place in paper.places for entry in place.entries]
    kinds = {entry.quantity: entry for _, entry in sorted(entries, key=lambda pair: _telling(pair[1]))}
    printed: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for place, entry in entries:
        for field, value in entry.numbers():
            printed[entry.quantity, field, value.text].append(place)
    for (quantity, field, text), where in printed.items():
        address = addresses[quantity]
        here, default = (_printed(results, address, kinds[quantity], field, text) for results in (ours, by_default))
        yield Beside(quantity, field, tuple(where), text, here, default, address.reason(field))


def _telling(entry: Entry) -> int:
    """How much an entry tells of what its quantity is: a rate has a time, a bare number nothing."""
    return 0 if isinstance(entry, Mention) else 2 if isinstance(entry, Rate) else 1


def _printed(results: Results, address: Address, kind: Entry, field: str, like: str) -> str:
    """Ours with the digits of the paper's number, '' where ours has no such number."""
    place, months = address.place, float(kind.months) if isinstance(kind, Rate) else None
    statistic = address.statistics.get(field, _STATISTICS.get(type(kind), {}).get(field, ""))
    if field == "p" and place.analysis == "cox_univariate" and "p" not in address.statistics:
        place = Place("logrank", place.endpoint, place.variable)  # the paper calls its univariate P values log-rank
    row = next((row for row in results.of(place, statistic) if row.time_months == months), None)
    if row is None or not address.is_held:
        return ""
    return row.value_text or f"{row.value:.{len(like.partition('.')[2])}f}"


def page() -> str:
    """docs/paper-beside-ours.md: one table a place of the paper, each number where it is printed first."""
    paper = read_paper()
    rows = list(side_by_side(paper, *both_results()))
    agreeing = sum(row.agrees for row in rows)
    lines = [*HEAD, f"Of {len(rows)} distinct numbers {agreeing} are printed alike; every other one has its reason."]
    for place in paper.places:
        first = [row for row in rows if row.where[0] == place.name]
        if first:
            lines += [
                "",
                f"## {place.name}",
                "",
                "| number | paper | ours | by default | why they differ |",
                "|---|---|---|---|---|",
            ]
            lines += [_line(row) for row in first]
    return "\n".join(lines) + "\n"


def _line(row: Beside) -> str:
    name = row.quantity if row.field == "estimate" else f"{row.quantity}, {row.field}"
    default = "" if row.by_default == row.ours else row.by_default
    reason = "" if row.agrees else row.reason
    return f"| {name} | {row.paper} | {row.ours or '-'} | {default} | {reason} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
