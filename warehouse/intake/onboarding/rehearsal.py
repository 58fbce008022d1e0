"""A delivery landed for trial: in a temporary home, under a key that is thrown away, leaving nothing behind."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from models.config import Settings
from models.mapping import Source
from warehouse.config import LocatedCentre
from warehouse.engine import Progress
from warehouse.home import Home
from warehouse.identity import Identity, fresh_identity
from warehouse.intake.deliveries import Delivery
from warehouse.intake.delivery_landing import CentreLanding
from warehouse.intake.landing import land_delivery
from warehouse.intake.orders import NO_ORDERS
from warehouse.intake.report import DeliveryReport
from warehouse.keys import DERIVED_BYTES, CentreKey
from warehouse.manifest import Manifest, committed_batches


@dataclass(frozen=True)
class Rehearsal:
    """What came of it. `home` and its files are there until the rehearsal is over; `manifest` is None if refused."""

    home: Home
    report: DeliveryReport
    manifest: Manifest | None


@contextmanager
def rehearsed(centre: LocatedCentre, settings: Settings, delivery: Delivery, progress: Progress) -> Iterator[Rehearsal]:
    """Lands one delivery as a refresh would.

    The temporary home is private and holds pseudonyms only, under a key that nobody keeps.
    """
    with tempfile.TemporaryDirectory(prefix="oncomart-check-") as folder:
        home = Home(Path(folder))
        home.ensure()
        landing = CentreLanding(home, centre, settings, _throwaway(home, centre.id), progress, NO_ORDERS)
        report = land_delivery(landing, delivery)
        yield Rehearsal(home, report, next(iter(committed_batches(home)), None))


def _throwaway(home: Home, centre_id: str) -> Identity:
    return fresh_identity(home, centre_id, CentreKey(secrets.token_bytes(DERIVED_BYTES), "memory"))


def lenient(centre: LocatedCentre) -> LocatedCentre:
    """The same centre, except that no file is required: what is missing is for the check to say."""
    sources = {name: _optional(source) for name, source in centre.config.centre.source.items()}
    about = centre.config.centre.model_copy(update={"source": sources})
    return replace(centre, config=centre.config.model_copy(update={"centre": about}))


def _optional(source: Source) -> Source:
    return source.model_copy(update={"required": False})
