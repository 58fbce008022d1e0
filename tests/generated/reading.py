"""Reads an invented patient's extract rows and answers with the reference, interface by interface."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from tests.generated.histories import History, Value, dates
from tests.reference import defaults
from tests.reference.days import seen, until
from tests.reference.exposure import Administration, Episode, Fill, Schedule, infusion_episodes, oral_episodes
from tests.reference.imputation import Surroundings, impute, read_partial
from tests.reference.index import OK, Index, IndexRules, Span, index_of_combination
from tests.reference.lines import Course, DrugEpisode, Line, Radiotherapy, lines_of_therapy
from tests.reference.prior_ici import IciDose, PriorIci, prior_ici
from tests.reference.response import EVALUABLE, PD, Assessment, BestResponse, best_response, one_a_day
from tests.reference.survival import Endpoints, FollowUp
from tests.reference.tables import Row

PROOFS_OF_LIFE = ("OUTPATIENT_VISIT", "INPATIENT_STAY", "PHONE_PATIENT", "PHONE_FAMILY")
RELAPSES = ("RECURRENCE", "LOCAL_RELAPSE")


@dataclass(frozen=True)
class Books:
    """What a reading of a patient needs beside the patient."""

    parameters: Mapping[str, str]
    drugs: Mapping[str, Row]
    index_from: dt.date
    index_to: dt.date
    cutoff: dt.date


class Reading:
    """One patient as the reference reads it, every step computed once.

    silent: a recorded response shows that the patient was scanned and alive on that day, a recorded relapse or clinical
    progression that the patient was seen.
    """

    def __init__(self, history: History, books: Books) -> None:
        self.history = history
        self.books = books
        self.parameters = books.parameters

    def _known(self, table: str, column: str) -> list[Mapping[str, Value]]:
        """Rows up to the cutoff (R0.4)."""
        rows = (r for r in self.history.of(table) if r[column] is not None)
        return [r for r in rows if seen(_day(r, column), self.books.cutoff)]

    @cached_property
    def _alive(self) -> tuple[dt.date, ...]:
        """Proofs of life (R6.3), one after the cutoff on the cutoff (TE06)."""
        contacts = [r["date_text"] for r in self.history.of("contact") if r["kind"] in PROOFS_OF_LIFE]
        infusions = [r["start_text"] for r in self.history.of("drug_row") if r["source_kind"] == "ADMIN"]
        scanned = [r["response_date"] for r in self.history.of("response")]
        proofs = dates([*contacts, *infusions, *scanned])
        return (*(until(day, self.books.cutoff) for day in proofs), *self.progressions)

    @cached_property
    def assessments(self) -> list[Assessment]:
        rows = self._known("response", "response_date")
        return one_a_day(Assessment(_day(r, "response_date"), str(r["response"])) for r in rows)

    def _events(self, *names: str) -> list[dt.date]:
        rows = self._known("disease_event", "event_date_text")
        return dates(r["event_date_text"] for r in rows if r["event"] in names)

    @cached_property
    def progression_kinds(self) -> set[tuple[dt.date, str]]:
        """PD dates of R2.4 by kind: RECIST PD, relapse, recorded clinical progression."""
        recist = {(a.date, "RECIST_PD") for a in self.assessments if a.response == PD}
        relapses = {(day, "RELAPSE") for day in self._events(*RELAPSES)}
        return recist | relapses | {(day, "CLIN_PD") for day in self._events("CLIN_PD")}

    @cached_property
    def progressions(self) -> tuple[dt.date, ...]:
        return tuple(sorted({day for day, _ in self.progression_kinds}))

    @cached_property
    def course(self) -> Course:
        procedures = self._known("procedure", "start_text")
        radiotherapies = [
            Radiotherapy(_day(r, "start_text"), _day(r, "end_text"), _number(r["dose_gy"]), r["intent"] != "PALLIATIVE")
            for r in procedures
            if r["kind"] == "RT"
        ]
        return Course(
            progressions=self.progressions,
            non_progressions=tuple(a.date for a in self.assessments if a.response in EVALUABLE),
            advanced_date=min(self._events("M1", *RELAPSES), default=None),
            resections=tuple(_day(r, "start_text") for r in procedures if r["kind"] == "SURGERY_CURATIVE"),
            radiotherapies=tuple(radiotherapies),
        )

    @cached_property
    def _drug_rows(self) -> dict[str, list[Mapping[str, Value]]]:
        by_drug: dict[str, list[Mapping[str, Value]]] = {}
        for drug_row in self._known("drug_row", "start_text"):
            trial = drug_row.get("trial_id")
            key = f"BLINDED:{trial}" if trial else str(drug_row["raw_name"])
            by_drug.setdefault(key, []).append(drug_row)
        return by_drug

    @cached_property
    def exposure(self) -> dict[str, list[Episode]]:
        """Exposure episodes by drug_key."""
        return {key: self._episodes_of(key, rows) for key, rows in sorted(self._drug_rows.items())}

    def _episodes_of(self, key: str, rows: list[Mapping[str, Value]]) -> list[Episode]:
        drug = self.books.drugs.get(key, {})
        if any(r["route"] == "PO" for r in rows):
            fills = [Fill(_day(r, "start_text"), _number(r["qty"])) for r in rows]
            grace = int(self.parameters["oral_grace_days"])
            return oral_episodes(fills, self._schedule(drug), grace, self.books.cutoff)
        administrations = []
        for r in rows:
            day = _day(r, "start_text")
            administrations.append(Administration(day, day, _number(r["cycle_days"] or drug.get("cycle_days"))))
        rules = defaults.infusion_rules(self.parameters)
        return infusion_episodes(administrations, self.progressions, rules, self.books.cutoff)

    def _schedule(self, drug: Row) -> Schedule:
        """silent: the parameters speak of anlotinib; other drugs without on_days are taken every day."""
        if drug["drug_key"] == "anlotinib":
            return defaults.anlotinib_schedule(self.parameters)
        on_days = int(drug["on_days"] or drug["cycle_days"])
        return Schedule(on_days, on_days + int(drug["off_days"] or 0))

    @cached_property
    def line_episodes(self) -> list[DrugEpisode]:
        return [self._line_episode(key, episode) for key, episodes in self.exposure.items() for episode in episodes]

    def _line_episode(self, key: str, episode: Episode) -> DrugEpisode:
        drug = self.books.drugs.get(key, {})
        rows = [r for r in self._drug_rows[key] if episode.start <= _day(r, "start_text") <= episode.covered_through]
        intents = [str(r["intent"]) for r in rows if r.get("intent")]
        return DrugEpisode(
            drug_key=key,
            base_ingredient=drug.get("base_ingredient", key),
            sub_group=drug.get("sub_group", ""),
            start=episode.start,
            last_dose=episode.last_dose,
            covered_through=episode.covered_through,
            doses=episode.doses,
            counts_in_lot=drug.get("counts_in_lot", "Y") == "Y",
            intent=intents[0] if intents else "",
            planned_maintenance=any(r.get("planned_maintenance") == "Y" for r in rows),
            cycle_days=self._cycle_days(drug, rows),
        )

    def _cycle_days(self, drug: Row, rows: list[Mapping[str, Value]]) -> int:
        """silent: of infusions ordered at different intervals the longest is the cycle."""
        if any(r["route"] == "PO" for r in rows):
            schedule = self._schedule(drug)
            return schedule.calendar_days(schedule.on_days)
        return max(_number(r["cycle_days"] or drug.get("cycle_days")) for r in rows)

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of_therapy(self.line_episodes, self.course, defaults.line_rules(self.parameters))

    @cached_property
    def index(self) -> Index:
        spans = [Span(key, e.start, e.covered_through) for key, episodes in self.exposure.items() for e in episodes]
        rules = IndexRules(self.parameters["index_rule"], self.books.index_from, self.books.index_to)
        anlotinib = [span for span in spans if span.drug_key == "anlotinib"]
        return index_of_combination(anlotinib, [span for span in spans if self._is(span.drug_key, "is_pd1_mab")], rules)

    def _is(self, drug_key: str, flag: str) -> bool:
        return self.books.drugs.get(drug_key, {}).get(flag) == "Y"

    @property
    def is_included(self) -> bool:
        return self.index.status == OK

    @cached_property
    def index_date(self) -> dt.date:
        assert self.index.date is not None
        return self.index.date

    @cached_property
    def index_line(self) -> Line:
        """R3.1.4: the line that contains the index date, the last to start on or before it."""
        return max((line for line in self.lines if line.start <= self.index_date), key=lambda line: line.start)

    @cached_property
    def index_pd1(self) -> frozenset[str]:
        """The PD-1 antibodies on board at index."""
        return frozenset(
            key
            for key, episodes in self.exposure.items()
            if self._is(key, "is_pd1_mab") and any(e.start <= self.index_date <= e.covered_through for e in episodes)
        )

    def prior_ici(self, irae_ok: str) -> PriorIci:
        """R4, with the answer on prior immune-related events given."""
        doses = [
            IciDose(day, day, key, in_index_line=day >= self.index_line.start)
            for key, rows in self._drug_rows.items()
            if self._is(key, "is_ici") or key.startswith("BLINDED")
            for day in dates(r["start_text"] for r in rows)
        ]
        rules = defaults.ici_rules(self.parameters)
        return prior_ici(
            self.index_date,
            self.index_pd1,
            doses,
            self.progressions,
            irae_ok,
            rules,
            has_untold_line=self._has_untold_line,
        )

    @property
    def _has_untold_line(self) -> bool:
        """R3.4. silent: clinical progression before the index line, after no operation and no drug, tells of a line."""
        first_drug = min((e.start for e in self.line_episodes if e.counts_in_lot), default=self.index_line.start)
        operated = dates(r["start_text"] for r in self.history.of("procedure"))
        return first_drug >= self.index_line.start and any(
            day < self.index_line.start and not any(operation <= day for operation in operated)
            for day in self._events("CLIN_PD")
        )

    @cached_property
    def new_therapy(self) -> dt.date | None:
        """R6.2: first start, after the index line, of a drug that the index regimen does not hold."""
        later = [line.start for line in self.lines if line.line_seq > self.index_line.line_seq]
        return min(
            (
                e.start
                for e in self.line_episodes
                if e.counts_in_lot and later and e.start >= min(later) and e.drug_key not in self.index_line.regimen
            ),
            default=None,
        )

    @cached_property
    def next_line(self) -> dt.date | None:
        return min((line.start for line in self.lines if line.line_seq > self.index_line.line_seq), default=None)

    @cached_property
    def best_response(self) -> BestResponse:
        rules = defaults.response_rules(self.parameters)
        return best_response(self.assessments, self.index_date, self.new_therapy, self.books.cutoff, rules)

    @cached_property
    def endpoints(self) -> Endpoints:
        infusions = dates(
            r["start_text"] for rows in self._drug_rows.values() for r in rows if r["source_kind"] == "ADMIN"
        )
        follow_up = FollowUp(
            index=self.index_date,
            assessments=tuple(self.assessments),
            relapses=tuple(self._events(*RELAPSES)),
            clinical_progressions=tuple(self._events("CLIN_PD")),
            death=self._death,
            alive=self._alive,
            activity=tuple(infusions),
            new_therapy=self.new_therapy,
            next_line=self.next_line,
        )
        return Endpoints(follow_up, self.books.cutoff, defaults.survival_rules(self.parameters))

    @cached_property
    def _death(self) -> dt.date | None:
        """R0.3 and R6.3.1, for at most one row. A row whose earliest possible day lies after the cutoff is none.

        silent: the index date is a sign of life.
        """
        around = Surroundings(last_alive=max([*self._alive, self.index_date]), cutoff=self.books.cutoff)
        for death in self.history.of("death"):
            partial = read_partial(str(death["date_text"]))
            if partial is not None and partial.lo <= self.books.cutoff:
                return impute("DEATH", str(death["date_text"]), around)[0]
        return None


def _day(values: Mapping[str, Value], column: str) -> dt.date:
    return dt.date.fromisoformat(str(values[column]))


def _number(value: Value) -> int:
    return int(Decimal(value or 0))
