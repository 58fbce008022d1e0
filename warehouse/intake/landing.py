"""Landing: every delivery of a centre that the lake does not have yet becomes a batch, oldest first."""

import time
from collections.abc import Sequence
from dataclasses import replace

from models.config import Settings
from models.deliveries import Database
from models.errors import BadInput, DeliveryError
from warehouse.config import LocatedCentre
from warehouse.engine import Progress, silent
from warehouse.home import Home
from warehouse.identity import open_identity
from warehouse.intake.deliveries import (
    Delivery,
    find_deliveries,
    find_files,
    in_order,
    reading_id_of,
)
from warehouse.intake.delivery_landing import CentreLanding, DeliveryLanding
from warehouse.intake.messages import truncation_warnings
from warehouse.intake.orders import NO_ORDERS, LandingOrders
from warehouse.intake.recall import compare_again, is_as_compared
from warehouse.intake.report import CentreReport, DeliveryReport, Status
from warehouse.intake.snapshot import snapshot_of
from warehouse.lake import clear_uncommitted, empty_superseded_quarantine
from warehouse.manifest import Manifest, committed_batches
from warehouse.rotation import finish_rotation


def land(
    home: Home,
    centre: LocatedCentre,
    settings: Settings,
    progress: Progress = silent,
    orders: LandingOrders = NO_ORDERS,
) -> CentreReport:
    """Lands what a centre has delivered since the last time. The caller holds the home's lock.

    Deliveries are taken in their order. One that comes late, or again with other files, makes the differences of the
    full deliveries after it wrong: those are taken again, from the lake alone. Killed half-way, the next landing goes
    on where this one ended.

    What cannot be landed is reported as a problem while the rest lands: a whole delivery when a required file is
    missing, a file when it cannot be read, a table of a file when a column is missing.

    Args:
        home: data home.
        centre: its mapping and deliveries.
        settings: limits of this machine.
        progress: told each step.
        orders: what the engineer asks for beyond that, checked before.

    Raises:
        ConfigError: the centre's key or identity file is gone or another, or nobody says how to reach its database.
        SourceUnavailable: its database does not answer, or broke off; nothing of the snapshot is in the lake then.
        AccountingBroken: a row is unaccounted for; the delivery is not in the lake then.
    """
    home.ensure()
    removed = clear_uncommitted(home)
    empty_superseded_quarantine(home)
    warnings = [f"Centre {centre.id}: removed {len(removed)} leftovers of an interrupted refresh."] if removed else []
    identity = open_identity(home, centre.id, progress)
    finish_rotation(identity)
    landing = CentreLanding(home, centre, settings, identity, progress, orders)
    if centre.config.centre.database is not None:
        try:
            reports = (_land_snapshot(landing, centre.config.centre.database),)
        except DeliveryError as error:
            return CentreReport(centre.id, (), (str(error),), tuple(warnings))
        return CentreReport(centre.id, reports, (), tuple(warnings))
    try:
        found, others = find_deliveries(centre)
    except DeliveryError as error:
        return CentreReport(centre.id, (), (str(error),), tuple(warnings))
    warnings += [
        f"Centre {centre.id}: folder {name} is no delivery; its name must begin with YYYY-MM-DD." for name in others
    ]
    deliveries = in_order(found, committed_batches(home, frozenset({centre.id})))
    return CentreReport(
        centre.id, tuple(land_delivery(landing, delivery) for delivery in deliveries), (), tuple(warnings)
    )


def land_delivery(landing: CentreLanding, delivery: Delivery) -> DeliveryReport:
    """One delivery, unless the lake has it."""
    batches = committed_batches(landing.home, frozenset({landing.centre.id}))
    landed = next((batch for batch in batches if batch.delivery_id == delivery.delivery_id), None)
    if delivery.folder is None:
        assert landed is not None
        return _keep(landing, delivery, landed, batches, Status.KEPT)
    try:
        files = find_files(landing.centre, delivery)
    except BadInput as error:
        kept = _keep(landing, delivery, landed, batches, Status.REFUSED) if landed else _refused(delivery)
        return replace(kept, status=Status.REFUSED, problems=(str(error),))
    reading_id = reading_id_of(landing.centre.id, delivery, files, landing.mapping_sha256)
    is_known = landed is not None and landed.reading_id == reading_id
    if landed is not None and is_known and delivery.delivery_id not in landing.orders.reland:
        return _keep(landing, delivery, landed, batches, Status.UNCHANGED)
    started = time.monotonic()
    manifest = DeliveryLanding(landing, delivery, files, reading_id, batches).land()
    return _report(delivery, manifest, Status.LANDED, time.monotonic() - started)


def _land_snapshot(landing: CentreLanding, database: Database) -> DeliveryReport:
    """What the centre's database says now; no batch when the lake knows it all."""
    batches = committed_batches(landing.home, frozenset({landing.centre.id}))
    started = time.monotonic()
    with snapshot_of(landing.centre, database, batches, landing.mapping_sha256) as taken:
        delivery = taken.delivery
        reading_id = reading_id_of(landing.centre.id, delivery, taken.files, landing.mapping_sha256)
        delivery_landing = DeliveryLanding(
            landing, delivery, taken.files, reading_id, batches, taken.watermarks, taken.changes
        )
        manifest, status = delivery_landing.land_if_new()
    if status is Status.UNCHANGED:
        landing.progress(f"{landing.centre.id} {delivery.delivery_id}: the database says nothing new, nothing to land")
    return _report(delivery, manifest, status, time.monotonic() - started)


def _keep(
    landing: CentreLanding, delivery: Delivery, landed: Manifest, batches: Sequence[Manifest], status: Status
) -> DeliveryReport:
    """A delivery that is not read: as it landed, unless it has to be compared again."""
    started = time.monotonic()
    accepts = landed.accepts_withdrawals or delivery.delivery_id in landing.orders.accept_withdrawals
    if is_as_compared(landed, delivery, batches) and accepts == landed.accepts_withdrawals:
        landing.progress(f"{landing.centre.id} {delivery.delivery_id}: in the lake already, nothing to land")
        return _report(delivery, landed, status, 0.0)
    manifest = compare_again(
        landing.home, landing.settings, landing.progress, delivery, landed, batches, accepts_withdrawals=accepts
    )
    return _report(delivery, manifest, Status.COMPARED, time.monotonic() - started)


def _refused(delivery: Delivery) -> DeliveryReport:
    return DeliveryReport(delivery.delivery_id, delivery.extract_date, Status.REFUSED)


def _report(delivery: Delivery, manifest: Manifest, status: Status, seconds: float) -> DeliveryReport:
    where = f"Centre {manifest.centre_id}, delivery {delivery.delivery_id}"
    warnings = (*manifest.warnings, *truncation_warnings(where, delivery.delivery_id, manifest.tables))
    # Nobody can mend what is no longer there: its problems stop no publication, and are told all the same.
    problems, told = (manifest.problems, ()) if delivery.folder else ((), manifest.problems)
    return DeliveryReport(
        delivery_id=delivery.delivery_id,
        extract_date=delivery.extract_date,
        status=status,
        batch_id=manifest.batch_id,
        files=manifest.files,
        tables=manifest.tables,
        problems=problems,
        warnings=(*told, *warnings),
        seconds=seconds,
    )
