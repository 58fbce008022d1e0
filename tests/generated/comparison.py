"""Runs the shipped SQL over many invented patients at once and lays its answers beside the reference's."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from tests.generated.histories import CUTOFF, EXTRACTED, History
from tests.generated.reading import Books, Reading
from tests.reference.tables import SEEDS, default_parameters, read_csv
from tests.rules import harness

Answer = tuple[object, ...]
Answers = list[Answer]
Overrides = Mapping[str, str]

DEFAULTS: Overrides = {}
NOTHING: Answer = ("nothing",)
ROUNDS_OF_SHRINKING = 15
HISTORIES_TO_SHRINK = 5


@dataclass(frozen=True)
class Interface:
    """A table at which SQL and reference have to say the same of every patient.

    `sql` yields patient_key and then the answer's columns; `reference` the same columns of one patient. Patients who
    already differ at one of the interfaces `after` are left to that interface's own test.
    """

    name: str
    model: str
    columns: tuple[str, ...]
    relation: str
    reference: Callable[[Reading], Answers]
    after: tuple[str, ...] = ()
    condition: str = "true"

    def answers(self, connection: duckdb.DuckDBPyConnection) -> dict[str, Answers]:
        """The SQL's answers by patient_key, each patient's sorted."""
        query = f"select patient_key, {', '.join(self.columns)} from {self.relation} where {self.condition}"
        found: dict[str, Answers] = {}
        for patient_key, *answer in connection.execute(query).fetchall():
            found.setdefault(patient_key, []).append(tuple(answer))
        return {patient_key: sorted(answers, key=str) for patient_key, answers in found.items()}


@dataclass(frozen=True)
class Disagreement:
    """One patient of whom the two say different things."""

    history: History
    sql: Answers
    reference: Answers


def books(overrides: Overrides = DEFAULTS) -> Books:
    """The parameters, the drug table and the window and cutoff of the harness's plain study."""
    drugs = {row["drug_key"]: row for row in read_csv(SEEDS / "drugs.csv")}
    return Books({**default_parameters(), **overrides}, drugs, dt.date(2019, 1, 1), dt.date(2024, 12, 31), CUTOFF)


def patient_name(history: History, number: int) -> str:
    """The situation, made unique among the batch."""
    return f"{history.situation}__{number}"


def lake_of(histories: Sequence[History]) -> dict[str, list[dict[str, object]]]:
    """All histories as rows of the contract tables; each history is one patient named after its situation."""
    lake: dict[str, list[dict[str, object]]] = {"patient": []}
    for number, history in enumerate(histories):
        name = patient_name(history, number)
        lake["patient"].append({"centre_id": harness.CENTRE, "patient_id": name, "sex": "M", "birth_ym": "1960-01"})
        for row in history.rows:
            lake.setdefault(row.table, []).append({"patient_id": name, **dict(row.values)})
    return lake


def run(
    histories: Sequence[History], models: Sequence[str], overrides: Overrides = DEFAULTS
) -> duckdb.DuckDBPyConnection:
    """One run of the SQL for all the histories, under the defaults and the study's overrides of them."""
    select = " ".join(f"+{model}" for model in models)
    return harness.run_models(
        select, lake=lake_of(histories), protocols=[harness.protocol(overrides)], extract_date=EXTRACTED
    )


def disagreements(
    interface: Interface,
    interfaces: Mapping[str, Interface],
    histories: Sequence[History],
    connection: duckdb.DuckDBPyConnection,
    overrides: Overrides = DEFAULTS,
) -> list[Disagreement]:
    """Patients who differ at this interface and at none before it."""
    known = books(overrides)
    readings = [Reading(history, known) for history in histories]
    keys = [harness.patient_key(patient_name(history, number)) for number, history in enumerate(histories)]
    earlier = [interfaces[name] for name in interface.after]
    settled = [(before, before.answers(connection)) for before in earlier]
    found = interface.answers(connection)
    differing = []
    for key, reading in zip(keys, readings, strict=True):
        if any(answers.get(key, []) != _sorted(before.reference(reading)) for before, answers in settled):
            continue
        sql, reference = found.get(key, []), _sorted(interface.reference(reading))
        if sql != reference:
            differing.append(Disagreement(reading.history, sql, reference))
    return differing


def _sorted(answers: Answers) -> Answers:
    return sorted(answers, key=str)


def smallest(
    interface: Interface,
    interfaces: Mapping[str, Interface],
    found: Sequence[Disagreement],
    overrides: Overrides = DEFAULTS,
) -> Disagreement:
    """The smallest disagreeing history: rows are dropped one at a time, all candidates of a round in one run."""
    best = _fewest_rows(found)
    models = [interface.model, *(interfaces[name].model for name in interface.after)]
    for _ in range(ROUNDS_OF_SHRINKING):
        candidates = [d.history.without(n) for d in best for n in range(len(d.history.rows))]
        with run(candidates, models, overrides) as connection:
            smaller = disagreements(interface, interfaces, candidates, connection, overrides)
        if not smaller:
            break
        best = _fewest_rows(smaller)
    return best[0]


def _fewest_rows(found: Sequence[Disagreement]) -> list[Disagreement]:
    return sorted(found, key=lambda d: (len(d.history.rows), d.history.situation))[:HISTORIES_TO_SHRINK]


def report(interface: Interface, n_found: int, n_patients: int, example: Disagreement) -> str:
    """What a person needs to settle the matter: the history and both answers."""
    lines = [
        f"{interface.name}: SQL and reference differ for {n_found} of {n_patients} patients. The smallest:",
        str(example.history),
        f"  ({', '.join(interface.columns)})",
        *(f"  SQL        {answer}" for answer in example.sql or [NOTHING]),
        *(f"  reference  {answer}" for answer in example.reference or [NOTHING]),
    ]
    return "\n".join(lines)
