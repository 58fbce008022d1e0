"""What each centre brings (rules R9.8, R9.9): patients, attrition, missing data, events, follow-up, medians.

With more than one centre a small count, and what sums would tell of it, is withheld here, before it becomes a row:
who reads the rows reads no more than the report prints. The analysis set stays whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.ard import Place, Recorder
from analysis.conventions import Conventions
from analysis.disclosure import FEWEST_FOR_A_CURVE
from analysis.estimates.levels import read_factor
from analysis.estimates.survival import FOLLOW_UP_ENDPOINT
from analysis.linked_counts import LinkedCounts
from analysis.marts import StudyMarts
from analysis.statistics import kaplan_meier
from analysis.statistics.arrays import Flags, Floats
from models.protocol import Protocol

CENTRES = "centres"
ATTRITION = "centre_attrition"
MISSING = "centre_missing"
COHORT = "marts.study_cohort"
TIMES = "marts.survival_times"
WITHHELD = "withheld"
_MEDIAN = ("median", "median_lower", "median_upper")


def centre_place(
    centre: str, endpoint: str | None = None, analysis: str = CENTRES, variable: str | None = None
) -> Place:
    """Where a number of one centre stands."""
    return Place(analysis, endpoint, "centre", centre, variable)


@dataclass
class CentreCounts:
    """Counts of all centres until it is known which of them may be shown."""

    centres: tuple[str, ...]
    linked: LinkedCounts
    _rows: list[tuple[str, Place, str, str]] = field(default_factory=list)

    def add(self, place: Place, statistic: str, count: int, source: str) -> str:
        """Add a count that becomes a row, and give its name among the linked counts."""
        name = self.linked.add(f"{place} {statistic}", count)
        self._rows.append((name, place, statistic, source))
        return name

    def add_line(self, places: Sequence[Place], statistic: str, counts: Sequence[int], source: str) -> list[str]:
        """Add one count a centre; everybody knows their total."""
        names = [self.add(place, statistic, count, source) for place, count in zip(places, counts, strict=True)]
        self.linked.add_sum(self.linked.add(f"all of {names}", sum(counts), "public"), names)
        return names

    def add_parts(self, totals: Sequence[str], parts: Sequence[Sequence[str]]) -> None:
        """Say that parts belong to a total, centre by centre; the rest is not printed but anybody can subtract."""
        for total, named in zip(totals, parts, strict=True):
            rest = self.linked.cells[total].count - sum(self.linked.cells[name].count for name in named)
            others = [self.linked.add(f"rest of {total} {named}", rest, "implied")] if rest else []
            self.linked.add_sum(total, [*named, *others])

    def record(self, record: Recorder) -> frozenset[str]:
        """Write the counts or what stands in their place; the names of those that are withheld."""
        words = self.linked.printed() if len(self.centres) > 1 else {}
        withheld = set()
        for name, place, statistic, source in self._rows:
            word = words.get(name)
            count = self.linked.cells[name].count if word is None else None
            record.add(place, statistic, count, text=word or "", source=source)
            if word is not None:
                withheld.add(name)
        return frozenset(withheld)


def analyse_centres(marts: StudyMarts, protocol: Protocol, conventions: Conventions, record: Recorder) -> None:
    """Counts of each centre, small ones withheld, then follow-up and medians of centres that are large enough."""
    screened = marts.select(
        f"select centre_id, count(*), count(*) filter (is_included) from {COHORT} "
        "where study_id = ? and variant = ? group by centre_id order by centre_id"
    )
    centres = tuple(centre for centre, _, _ in screened)
    counts = CentreCounts(centres, LinkedCounts(conventions.suppress_k))
    places = [centre_place(centre) for centre in centres]
    all_screened = counts.add_line(places, "n_screened", [row[1] for row in screened], COHORT)
    included = counts.add_line(places, "n", [row[2] for row in screened], COHORT)
    _add_attrition(marts, protocol, counts, all_screened, included)
    members = [np.array([centre == one for one in marts.centres], dtype=bool) for centre in centres]
    _add_missing(marts, protocol, counts, included, members)
    _add_events(marts, protocol, counts, included, members)
    withheld = counts.record(record)
    for centre, patients, inside in zip(centres, included, members, strict=True):
        is_shown = patients not in withheld and int(inside.sum()) >= FEWEST_FOR_A_CURVE
        _record_times(marts, protocol, conventions, centre, inside if is_shown else None, record)


def _add_attrition(
    marts: StudyMarts, protocol: Protocol, counts: CentreCounts, screened: Sequence[str], included: Sequence[str]
) -> None:
    """Patients of each centre who left at each criterion: with those included they make those screened."""
    left = {
        (centre, criterion): patients
        for centre, criterion, patients in marts.select(
            f"select centre_id, first_failed_criterion, count(*) from {COHORT} "
            "where study_id = ? and variant = ? and not is_included group by all"
        )
    }
    columns = []
    for criterion in protocol.criteria:
        places = [centre_place(centre, None, ATTRITION, criterion.id) for centre in counts.centres]
        patients = [left.get((centre, criterion.id), 0) for centre in counts.centres]
        columns.append(counts.add_line(places, "n_left", patients, COHORT))
    counts.add_parts(screened, list(zip(included, *columns, strict=True)))


def _add_missing(
    marts: StudyMarts, protocol: Protocol, counts: CentreCounts, included: Sequence[str], members: Sequence[Flags]
) -> None:
    for covariate in protocol.covariates:
        is_missing = read_factor(marts, protocol, covariate.name).values.is_missing
        places = [centre_place(centre, None, MISSING, covariate.name) for centre in counts.centres]
        missing = [int((is_missing & inside).sum()) for inside in members]
        names = counts.add_line(places, "n_missing", missing, "marts.covariates")
        counts.add_parts(included, [(name,) for name in names])


def _add_events(
    marts: StudyMarts, protocol: Protocol, counts: CentreCounts, included: Sequence[str], members: Sequence[Flags]
) -> None:
    for endpoint in protocol.analysis.endpoints:
        is_event = marts.times(endpoint.paramcd).is_event
        places = [centre_place(centre, endpoint.paramcd) for centre in counts.centres]
        events = [int((is_event & inside).sum()) for inside in members]
        names = counts.add_line(places, "n_events", events, TIMES)
        counts.add_parts(included, [(name,) for name in names])


def _record_times(
    marts: StudyMarts,
    protocol: Protocol,
    conventions: Conventions,
    centre: str,
    members: Flags | None,
    record: Recorder,
) -> None:
    """Median of each endpoint, and follow-up by reverse Kaplan-Meier; without members they are withheld."""
    for endpoint in protocol.analysis.endpoints:
        times = marts.times(endpoint.paramcd)
        inside = None if members is None else members & times.has
        place, method = centre_place(centre, endpoint.paramcd), conventions.median_method
        _record_median(record, place, "", method, _median(times.months, times.is_event, inside, conventions))
        if endpoint.paramcd == FOLLOW_UP_ENDPOINT:
            found = _median(times.months, ~times.is_event, inside, conventions)
            _record_median(record, place, "follow_up_", f"Reverse {method}", found)


def _median(months: Floats, is_event: Flags, members: Flags | None, conventions: Conventions) -> list[float] | None:
    """Median and limits in months, None where they are withheld."""
    if members is None:
        return None
    curve = kaplan_meier.fit(months[members], is_event[members])
    return [kaplan_meier.median(curve), *kaplan_meier.median_interval(curve, conventions.median_ci)]


def _record_median(record: Recorder, place: Place, prefix: str, method: str, found: list[float] | None) -> None:
    text = WITHHELD if found is None else "not reached"
    for number, statistic in enumerate(_MEDIAN):
        value = None if found is None else found[number]
        record.add(place, f"{prefix}{statistic}", value, text=text, source=TIMES, method=method)
