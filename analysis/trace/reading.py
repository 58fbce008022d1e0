"""What the released marts say about one patient."""

from dataclasses import dataclass
from datetime import date

import duckdb

from models.errors import BadInput

MOST_NAMED = 5
SHORTEST_PREFIX = 4


class PatientNotFound(BadInput):
    """No patient, or more than one, answers to what was asked for."""


@dataclass(frozen=True)
class Source:
    """A row of an extract: contract table, file of the delivery, physical row with headers counted."""

    table: str | None
    file: str | None
    row: int | None

    def __str__(self) -> str:
        return f"{self.file} row {self.row}" if self.file else ""


@dataclass(frozen=True)
class Event:
    """One thing that happened; `end` is None for a day."""

    lane: str
    start: date
    end: date | None
    label: str
    detail: str | None
    source: Source


@dataclass(frozen=True)
class Derivation:
    """One derived date or class, the rule behind it and the parameters (name, value, unit) that the rule read."""

    topic: str
    item: str
    value: str | None
    reason: str | None
    rule: str
    parameters: tuple[tuple[str, str, str], ...]
    source: Source


@dataclass(frozen=True)
class Review:
    """A case that a rule sends to review, and what a reviewer decided on it."""

    rule: str
    item: str
    reason: str
    value: str | None
    status: str
    decision: str | None
    decided_by: str | None
    decided_date: date | None
    source: Source


@dataclass(frozen=True)
class Trace:
    """Everything about one patient in one study and variant."""

    study_id: str
    variant: str
    centre_id: str
    patient_key: str
    is_included: bool
    data_cutoff: date | None
    events: tuple[Event, ...]
    derivations: tuple[Derivation, ...]
    reviews: tuple[Review, ...]


def find_patient(connection: duckdb.DuckDBPyConnection, asked: str) -> str:
    """The patient key that begins with what was asked for.

    Raises:
        PatientNotFound: nobody's key does, or several do; the message says how many and never a hospital's number.
    """
    if len(asked) < SHORTEST_PREFIX:
        raise PatientNotFound(f"Give at least the first {SHORTEST_PREFIX} characters of a patient_key.")
    rows = connection.execute(
        "select distinct patient_key from marts.patients where starts_with(patient_key, ?) order by 1",
        [asked.strip().lower()],
    ).fetchall()
    if not rows:
        raise PatientNotFound(
            "No patient of this release has a patient_key that begins so; marts.patients lists them. "
            "A hospital's own number is asked for by --record-number."
        )
    if len(rows) > 1:
        some = ", ".join(key for (key,) in rows[:MOST_NAMED])
        raise PatientNotFound(f"{len(rows)} patients have such a patient_key: {some} …; give more of it.")
    return str(rows[0][0])


def read_trace(connection: duckdb.DuckDBPyConnection, patient_key: str, study_id: str | None, variant: str) -> Trace:
    """Read one patient in one study; without a study the first that screened the patient, by name.

    Raises:
        PatientNotFound: the study, or the variant, does not exist in this release or never saw the patient.
    """
    cohort = connection.execute(
        "select study_id, centre_id, is_included, data_cutoff from marts.study_cohort "
        "where patient_key = ? and variant = ? and study_id = coalesce(?, study_id) order by study_id",
        [patient_key, variant, study_id],
    ).fetchone()
    if cohort is None:
        known = connection.execute("select distinct study_id, variant from marts.study_cohort order by all").fetchall()
        names = ", ".join(f"{study}/{one}" for study, one in known)
        raise PatientNotFound(f"No such patient in study {study_id or '(any)'}, variant {variant}. There are: {names}.")
    study, centre, is_included, cutoff = cohort
    who = [study, variant, centre, patient_key]
    return Trace(
        study,
        variant,
        centre,
        patient_key,
        is_included,
        cutoff,
        _events(connection, who),
        _derivations(connection, who),
        _reviews(connection, who),
    )


_WHO = "study_id = ? and variant = ? and centre_id = ? and patient_key = ?"


def _events(connection: duckdb.DuckDBPyConnection, who: list[str]) -> tuple[Event, ...]:
    rows = connection.execute(
        "select lane, start_date, end_date, label, detail, source_table, source_file, source_row from marts.timeline "
        f"where {_WHO} order by start_date, lane, label, source_file, source_row",
        who,
    ).fetchall()
    return tuple(Event(lane, start, end, label, detail, Source(*at)) for lane, start, end, label, detail, *at in rows)


def _derivations(connection: duckdb.DuckDBPyConnection, who: list[str]) -> tuple[Derivation, ...]:
    rows = connection.execute(
        "select topic, item, item_value, reason, rule, source_table, source_file, source_row from marts.derivations "
        f"where {_WHO} order by topic_seq, item",
        who,
    ).fetchall()
    parameters = _parameters(connection, who[:2])
    return tuple(
        Derivation(topic, item, value, reason, rule, parameters.get(rule, ()), Source(*at))
        for topic, item, value, reason, rule, *at in rows
    )


def _parameters(connection: duckdb.DuckDBPyConnection, study: list[str]) -> dict[str, tuple[tuple[str, str, str], ...]]:
    """Parameters of the study's sets by the rule that reads them."""
    rows = connection.execute(
        "select distinct rule, parameter, value, coalesce(unit, '') from meta.parameters "
        "inner join meta.study_param_sets using (param_set_id) "
        "where study_id = ? and variant = ? and value <> '' order by all",
        study,
    ).fetchall()
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for rule, *parameter in rows:
        found[rule] = (*found.get(rule, ()), (parameter[0], parameter[1], parameter[2]))
    return found


def _reviews(connection: duckdb.DuckDBPyConnection, who: list[str]) -> tuple[Review, ...]:
    rows = connection.execute(
        "select rule, item, review_reason, value, decision_status, decided_value, decided_by, decided_date, "
        "source_table, source_file, source_row from quality.review_queue "
        "where (study_id is null or (study_id = ? and variant = ?)) and centre_id = ? and patient_key = ? order by all",
        who,
    ).fetchall()
    return tuple(
        Review(rule, item, reason, value, status, decision, by, day, Source(*at))
        for rule, item, reason, value, status, decision, by, day, *at in rows
    )
