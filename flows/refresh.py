"""The refresh: land, build, check, analyse, publish. One flow, and the current release stays until the last step."""

import csv
import os
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.checks import broken_checks, refuse_contradictions, tolerances_of
from flows.console import Terminal, count
from flows.context import NO_WISHES, Analysed, Outcome, Refresh, StudyFile, Wishes
from flows.quality import earlier_releases
from flows.runner import Call, LocalRun, call_prefect, may_retry
from flows.summary import print_landing, print_summary
from models.config import QUALITY
from models.errors import BadInput, BuildFailed, ConfigError
from models.parameters import ParameterBook
from models.protocol import PRIMARY, Protocol, parse_protocol
from models.protocol_tables import protocol_tables
from warehouse import (
    NO_ORDERS,
    CentreReport,
    Home,
    LandingOrders,
    LateCheck,
    LocatedCentre,
    ReleaseDraft,
    ReleaseRecord,
    ResultTable,
    bind,
    bind_tables,
    clean_leftovers,
    connect_build,
    connect_warehouse,
    count_late_checks,
    discard,
    home_lock,
    land,
    landing_orders,
    list_releases,
    load_config,
    publish,
    remove_old,
    seal,
    start_release,
)

if TYPE_CHECKING:
    from flows.dbt import NodeTime

MODEL_TIMES = "models.csv"
"""File under `state/` with one row a model of the last build: seconds, and MiB held meanwhile."""

PARAMETERS = Path(__file__).resolve().parent.parent / "dbt_project" / "seeds" / "params.csv"


def run_refresh(home: Path, config: Path, wishes: Wishes = NO_WISHES, terminal: Terminal | None = None) -> int:
    """Refresh and print one screen at the end; returns the exit code."""
    terminal = terminal or Terminal()
    outcome = refresh(home, config, wishes, terminal)
    print_summary(terminal, home, outcome.centres, outcome.release, is_new=outcome.is_new)
    return 0


def refresh(home: Path, config: Path, wishes: Wishes, terminal: Terminal) -> Outcome:
    """Land every new delivery, and publish a release if anything has changed.

    Raises:
        BadInput: a delivery or the configuration cannot be used; good rows have landed, nothing is published.
        Fault: a step of ours failed; nothing is published.
    """
    if os.environ.get("PREFECT_API_URL"):
        return refresh_flow(str(home), str(config), wishes)
    context = _prepare(home, config, wishes, terminal)
    run = LocalRun("refresh", context.home.state / "runs")
    try:
        outcome = _locked_steps(context, run)
    except BaseException as error:
        run.finish(error)
        raise
    run.finish(None)
    return outcome


@flow(name="refresh", persist_result=False)
def refresh_flow(home: str, config: str, wishes: Wishes) -> Outcome:
    """The refresh as a Prefect flow run; its parameters, which the server keeps, are names and never data."""
    return _locked_steps(_prepare(Path(home), Path(config), wishes, Terminal()), call_prefect)


def _locked_steps(context: Refresh, call: Call) -> Outcome:
    with home_lock(context.home):
        clean_leftovers(context.home)
        return refresh_steps(context, call)


def _prepare(home: Path, config: Path, wishes: Wishes, terminal: Terminal) -> Refresh:
    loaded = load_config(config)
    studies = tuple(_read_study(study, path) for study, path in loaded.studies.items())
    book = parameter_book()
    place = Home(home.resolve())
    place.ensure()
    context = Refresh(place, loaded, studies, book, tolerances_of(loaded), terminal, wishes)
    protocol_tables(_protocols(context), book)
    return context


def parameter_book() -> ParameterBook:
    """The defaults of every parameter of the rule book."""
    with PARAMETERS.open(encoding="utf-8", newline="") as file:
        return ParameterBook(csv.DictReader(file))


def _read_study(study: str, path: Path) -> StudyFile:
    text = path.read_text(encoding="utf-8")
    protocol = parse_protocol(text, str(path))
    if protocol.study.id != study:
        raise ConfigError(f"{path} describes study {protocol.study.id}, but the configuration calls it {study}.")
    return StudyFile(protocol, text)


def _protocols(context: Refresh) -> list[tuple[Protocol, str]]:
    return [(study.protocol, study.text) for study in context.studies]


def refresh_steps(context: Refresh, call: Call) -> Outcome:
    """The steps in their order; `call` decides how a task is run."""
    pool, wishes = context.config.centres, context.wishes
    orders = landing_orders(context.home, pool, wishes.reland, wishes.accept_withdrawals, wishes.centre)
    centres = tuple(call(land_centre, context, centre, orders.get(centre.id, NO_ORDERS)) for centre in pool)
    _refuse_problems(centres)
    draft = start_release(
        context.home,
        context.config.centres,
        context.config.settings,
        {study.protocol.study.id: study.text for study in context.studies},
        context.tolerances.table,
    )
    current = next((release for release in list_releases(context.home) if release.is_current), None)
    if current is not None and current.record["inputs_hash"] == draft.inputs_hash and not wishes.rebuild:
        discard(draft)
        return Outcome(centres, current, is_new=False)
    try:
        call(build_marts, context, draft)
        call(check_marts, context, draft)
        analysed = [call(analyse_study, context, draft, study) for study in context.studies]
        release = call(publish_release, context, draft, analysed)
    except BaseException:
        discard(draft)
        raise
    return Outcome(centres, release, is_new=True)


def _refuse_problems(centres: tuple[CentreReport, ...]) -> None:
    problems = [problem for centre in centres for problem in centre.problems]
    if problems:
        advice = "Rows of the good files have landed; nothing was published. Mend the above and refresh again."
        raise BadInput("\n".join([f"{len(problems)} problem(s) in the deliveries:", *problems, advice]))


@task(
    name="land",
    retries=2,
    retry_delay_seconds=5,
    retry_condition_fn=lambda _task, _run, state: _may_retry(state),
    cache_policy=NO_CACHE,
    persist_result=False,
)
def land_centre(context: Refresh, centre: LocatedCentre, orders: LandingOrders) -> CentreReport:
    """Land the deliveries of one centre that are new. Tried again when its folder cannot be read for the moment."""
    with context.terminal.step(f"land {centre.id}"):
        report = land(context.home, centre, context.config.settings, context.terminal.detail, orders)
        print_landing(context.terminal, report)
    return report


@task(name="build", cache_policy=NO_CACHE, persist_result=False)
def build_marts(context: Refresh, draft: ReleaseDraft) -> None:
    """Bind the lake and the protocols, and derive every model. Not tried again: the same input fails the same way."""
    from flows.dbt import Dbt

    with context.terminal.step("build the marts"):
        bind(draft, context.terminal.detail)
        with connect_build(draft, context.config.settings) as connection:
            bind_tables(connection, "protocol", protocol_tables(_protocols(context), context.book))
            bind_tables(connection, "settings", {"tolerances": context.tolerances.table})
        nodes = Dbt(draft, context.config.settings, context.terminal).build()
        _keep_times(nodes, context.home.state / MODEL_TIMES)
        context.terminal.detail(count(len(nodes), "table"))


def _keep_times(nodes: "tuple[NodeTime, ...]", file: Path) -> None:
    """Seconds and memory of each model of the last build, for `bench` and for whoever asks why a night was long."""
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(("model", "seconds", "peak_mib"))
        writer.writerows((node.name, f"{node.seconds:.3f}", f"{node.peak_mib:.0f}") for node in nodes)


@task(name="check", cache_policy=NO_CACHE, persist_result=False)
def check_marts(context: Refresh, draft: ReleaseDraft) -> None:
    """Run every test on the derived tables; a broken one stops publication."""
    from flows.dbt import Dbt

    with context.terminal.step("check them"):
        try:
            checks = Dbt(draft, context.config.settings, context.terminal).check()
        except BuildFailed as error:
            with connect_warehouse(draft, context.config.settings) as connection:
                raise BuildFailed("\n".join([str(error), *broken_checks(connection)])) from None
        context.terminal.detail(f"{count(len(checks), 'check')} hold")


@task(name="analyse", cache_policy=NO_CACHE, persist_result=False)
def analyse_study(context: Refresh, draft: ReleaseDraft, study: StudyFile) -> Analysed:
    """Estimate every variant, audit the numbers, and write the report of the primary.

    Raises:
        ResultsContradict: numbers contradict each other; nothing is published.
    """
    from analysis import analyse, write_report, write_results
    from analysis.audit import audit

    protocol = study.protocol
    with context.terminal.step(f"analyse {protocol.study.id}"):
        with connect_warehouse(draft, context.config.settings) as connection:
            results = {
                variant: analyse(connection, protocol, context.book.values("R9", overrides), variant=variant)
                for variant, overrides in protocol.overrides().items()
            }
        audits = [audit(one) for one in results.values()]
        refuse_contradictions(audits)
        release = {"release_id": draft.release_id, "quality": f"../{QUALITY}"}
        write_report(results[PRIMARY].beside(results), protocol, release, draft.report / protocol.study.id)
        table = pa.concat_tables([one.table for one in results.values()])
        write_results(table, draft.report / protocol.study.id)
        context.terminal.detail(f"{count(len(results), 'variant')}, {count(table.num_rows, 'result')}")
    return Analysed(table, tuple(LateCheck(*astuple(found)) for one in audits for found in one.counts))


@task(name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish_release(context: Refresh, draft: ReleaseDraft, analysed: list[Analysed]) -> ReleaseRecord:
    """Seal the draft and move `current` to it in one step."""
    with context.terminal.step("seal and publish"):
        seal_release(context, draft, analysed)
        publish(context.home, draft)
        removed = remove_old(context.home, context.config.settings.keep_releases)
        if removed:
            context.terminal.detail(f"removed {count(len(removed), 'old release')}")
    return next(release for release in list_releases(context.home) if release.is_current)


def seal_release(context: Refresh, draft: ReleaseDraft, analysed: list[Analysed]) -> ReleaseRecord:
    """Finish a draft with its results, late checks and page of quality."""
    from analysis import ARD_COLUMNS, ARD_COMMENT, write_quality

    settings = context.config.settings
    numbers = pa.concat_tables([one.numbers for one in analysed])
    count_late_checks(draft, settings, (check for one in analysed for check in one.late_checks))
    earlier = earlier_releases(context.home, draft.release_id)
    with connect_warehouse(draft, settings) as connection:
        write_quality(connection, draft.release_id, context.tolerances, earlier, draft.report / QUALITY)
    results = {"ard": ResultTable(numbers, ARD_COMMENT, ARD_COLUMNS)}
    return seal(draft, settings, results, progress=context.terminal.detail)


def _may_retry(state: object) -> bool:
    result = getattr(state, "data", None)
    return isinstance(result, BaseException) and may_retry(result)
