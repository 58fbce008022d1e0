"""The audit of a published table: every check that its entries can answer, and what it finds."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from analysis.audit import checks, curves, ratios
from analysis.audit.conflict import Conflict, Finding
from analysis.audit.entries import AtMost, FollowUp, Median, Product, Proportion, Ranking, Rate, Ratio, Statement, Sum
from analysis.audit.ranges import Range
from analysis.audit.table_file import PublishedTable

Found = Iterator[tuple[str, str, Conflict | None]]
"""Place, entry, and what is wrong with it, of every check that was made."""


@dataclass(frozen=True)
class TableAudit:
    """What was found in a published table, in the order of its file, and how many checks were made."""

    table: PublishedTable
    n_checks: int
    findings: tuple[Finding, ...]


def audit_table(table: PublishedTable) -> TableAudit:
    """Check everything that the file says."""
    looked = [*_each_entry(table), *_curves(table), *_medians(table), *_repeated(table), *_statements(table)]
    order = {place.name: number for number, place in enumerate(table.places)}
    found = dict.fromkeys(Finding(place, entry, conflict) for place, entry, conflict in looked if conflict is not None)
    return TableAudit(table, len(looked), tuple(sorted(found, key=lambda finding: order[finding.place])))


def _each_entry(table: PublishedTable) -> Found:
    for place in table.places:
        for entry in place.entries:
            match entry:
                case Proportion():
                    found = _proportion(table, entry)
                case Ratio():
                    found = _ratio(entry)
                case Median():
                    found = _inside(entry.median, entry.lower, entry.upper)
                case Rate():
                    found = _rate(entry)
                case _:
                    continue
            for conflict in found:
                yield place.name, entry.quantity, conflict


def _inside(estimate: Range, lower: Range | None, upper: Range | None) -> Iterator[Conflict | None]:
    if lower is not None and upper is not None:
        yield checks.inside(estimate, lower, upper)


def _proportion(table: PublishedTable, entry: Proportion) -> Iterator[Conflict | None]:
    if entry.percent is not None:
        yield from _inside(entry.percent, entry.lower, entry.upper)
    total = table.total(entry)
    if total is None:
        return
    if entry.count is not None:
        found = checks.at_most(entry.count, Range.exact(total), ("the count", "its total"))
        if found is None and entry.percent is not None:
            found = checks.percentage(int(entry.count.low), total, entry.percent, table.totals)
        counts = [int(entry.count.low)]
    else:
        counts = checks.counts_that_fit(total, entry.percent) if entry.percent is not None else []
        found = checks.some_count(total, entry.percent) if entry.percent is not None else None
    yield found
    if found is None and entry.lower is not None and entry.upper is not None and len(counts) == 1:
        yield checks.proportion_interval(counts[0], total, entry.lower, entry.upper, entry.interval)


def _ratio(entry: Ratio) -> Iterator[Conflict | None]:
    yield from _inside(entry.ratio, entry.lower, entry.upper)
    yield ratios.one_ratio_for(entry.levels)
    hazard = ratios.HazardRatio(
        entry.ratio,
        entry.lower,
        entry.upper,
        entry.p,
        entry.p_test,
        entry.events,
        entry.sizes,
        is_binary=entry.is_binary and entry.levels == 2,
    )
    if entry.interval == "wald":
        yield ratios.centre(hazard)
        yield ratios.width(hazard)
        yield ratios.p_value(hazard)
    yield ratios.p_floor(hazard)


def _rate(entry: Rate) -> Iterator[Conflict | None]:
    yield from _inside(entry.percent, entry.lower, entry.upper)
    yield curves.rate_interval(entry.printed, entry.interval)
    yield curves.rate_width(entry.printed)


def _curves(table: PublishedTable) -> Found:
    """Medians, their limits and the follow-up against the rates of the same curve."""
    rates = [entry for place in table.places for entry in place.rates if entry.curve is not None]
    medians = [entry for place in table.places for entry in place.medians if entry.curve is not None]
    for place in table.places:
        for median in place.medians:
            for rate in (rate for rate in rates if rate.curve == median.curve):
                yield place.name, median.quantity, curves.median_and_rate(median.median, rate.printed)
                if median.printed.is_symmetric is False:
                    yield place.name, median.quantity, curves.median_limits(median.printed, rate.printed)
        for follow_up in (one for one in place.follow_up if one.method != "naive"):
            yield place.name, follow_up.quantity, _follow_up(follow_up, medians, rates)


def _follow_up(follow_up: FollowUp, medians: list[Median], rates: list[Rate]) -> Conflict | None:
    """That the follow-up is no reverse Kaplan-Meier median, shown at the latest time that shows it."""
    proofs = (
        curves.reverse_follow_up(follow_up.median, median.median, rate.printed)
        for median in medians
        for rate in sorted(rates, key=lambda rate: rate.months, reverse=True)
        if median.curve == rate.curve == follow_up.curve
    )
    return next((proof for proof in proofs if proof is not None), None)


def _medians(table: PublishedTable) -> Found:
    entries = [(place.name, entry) for place in table.places for entry in place.medians]
    verdicts = {(entry.median.text, entry.lower, entry.upper, entry.quantity): entry.printed for _, entry in entries}
    symmetric = [verdict.is_symmetric for verdict in verdicts.values() if verdict.is_symmetric is not None]
    for place, entry in entries:
        yield place, entry.quantity, curves.one_convention(entry.printed, sum(symmetric), len(symmetric))


def _repeated(table: PublishedTable) -> Found:
    """Each quantity that stands in several places, number by number."""
    printed: dict[tuple[str, str], list[tuple[str, Range]]] = defaultdict(list)
    crude: set[str] = set()
    rated: set[str] = set()
    for place in table.places:
        for entry in place.entries:
            crude |= {entry.quantity} if isinstance(entry, Proportion) else set()
            rated |= {entry.quantity} if isinstance(entry, Rate) else set()
            for name, value in entry.numbers():
                printed[entry.quantity, name].append((place.name, value))
    for (quantity, name), values in printed.items():
        if len(values) < 2:
            continue
        conflict = checks.one_value(values)
        if conflict is not None and quantity in crude & rated:
            conflict = checks.crude_fraction(conflict)
        yield values[-1][0], quantity if name in ("estimate", "count") else f"{quantity}, {name}", conflict


def _statements(table: PublishedTable) -> Found:
    for place in table.places:
        for statement in place.statements:
            for conflict in _statement(table, statement):
                yield place.name, statement.what, conflict


def _statement(table: PublishedTable, statement: Statement) -> Iterator[Conflict | None]:
    match statement:
        case Sum():
            yield checks.sum_of([table.value(part) for part in statement.parts], table.value(statement.total))
        case AtMost():
            for smaller, larger in pairwise(statement.ascending):
                yield checks.at_most(table.value(smaller), table.value(larger), (str(smaller), str(larger)))
        case Product():
            left, right = ([table.value(term) for term in terms] for terms in (statement.left, statement.right))
            yield checks.products(left, right)
        case Ranking():
            named = {name: table.value(name) for name in statement.named}
            others = {name: table.value(name) for name in statement.among if name not in named}
            yield checks.ranking(named, others)
