"""What an engineer asks of a landing beyond what is new, checked before anything is touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.errors import BadInput
from warehouse.config import LocatedCentre
from warehouse.home import Home
from warehouse.intake.deliveries import Delivery, find_deliveries
from warehouse.manifest import committed_batches

MOST_NAMED = 12


@dataclass(frozen=True)
class LandingOrders:
    """Deliveries of one centre by id.

    `reland` are read again from their files although neither files nor mapping have changed. Of the full tables of
    `accept_withdrawals` what is absent is withdrawn, however little they hold.
    """

    reland: frozenset[str] = frozenset()
    accept_withdrawals: frozenset[str] = frozenset()


NO_ORDERS = LandingOrders()


def landing_orders(
    home: Home,
    centres: Sequence[LocatedCentre],
    reland: Sequence[str],
    accept_withdrawals: Sequence[str],
    centre_id: str | None = None,
) -> Mapping[str, LandingOrders]:
    """The orders by centre.

    Args:
        home: data home.
        centres: the pool.
        reland: ids of deliveries to be read again.
        accept_withdrawals: ids of deliveries that are whole.
        centre_id: whose deliveries these are; only needed where several centres have one of that name.

    Raises:
        BadInput: a centre or delivery is unknown or ambiguous, or an original that is to be read again is missing.
    """
    named = [centre for centre in centres if centre_id in (None, centre.id)]
    if centre_id is not None and not named:
        raise BadInput(f"There is no centre {centre_id}; there are {', '.join(centre.id for centre in centres)}.")
    shelves = [_Shelf(home, centre) for centre in named] if reland or accept_withdrawals else []
    again = [(_shelf_of(shelves, delivery_id), delivery_id) for delivery_id in reland]
    whole = [(_shelf_of(shelves, delivery_id), delivery_id) for delivery_id in accept_withdrawals]
    for shelf, delivery_id in again:
        shelf.check_originals(delivery_id)
    return {
        shelf.centre.id: LandingOrders(
            frozenset(delivery_id for other, delivery_id in again if other is shelf),
            frozenset(delivery_id for other, delivery_id in whole if other is shelf),
        )
        for shelf in shelves
    }


class _Shelf:
    """The deliveries that a centre has in its folder and in the lake."""

    def __init__(self, home: Home, centre: LocatedCentre) -> None:
        self.centre = centre
        self.found: dict[str, Delivery] = {}
        if centre.deliveries.is_dir():
            self.found = {delivery.delivery_id: delivery for delivery in find_deliveries(centre)[0]}
        self.landed = {batch.delivery_id: batch for batch in committed_batches(home, frozenset({centre.id}))}

    @property
    def names(self) -> list[str]:
        return sorted({*self.found, *self.landed})

    def check_originals(self, delivery_id: str) -> None:
        """Every file that was read of the delivery is still there.

        Raises:
            BadInput: one is missing.
        """
        where = f"Centre {self.centre.id}, delivery {delivery_id}"
        restore = "Nothing was changed. Restore the originals and try again; what landed of them stays in the lake."
        if self.centre.config.centre.database is not None:
            raise BadInput(
                f"{where} cannot be read again: it was a snapshot of a database, which tells only what holds now. "
                "Nothing was changed. After a change of the mapping, a refresh reads the whole database by it."
            )
        delivery, landed = self.found.get(delivery_id), self.landed.get(delivery_id)
        if delivery is None or delivery.folder is None:
            raise BadInput(
                f"{where} cannot be read again: there is no folder {self.centre.deliveries / delivery_id}. {restore}"
            )
        files = sorted({file.file for file in landed.files}) if landed else []
        missing = [name for name in files if not _is_there(delivery.folder, name)]
        if missing:
            raise BadInput(
                f"{where} cannot be read again: of its {len(files)} files {len(missing)} are not in {delivery.folder} "
                f"({_some(missing)}). {restore}"
            )


def _is_there(folder: Path, name: str) -> bool:
    """A file, or the archive or workbook of a name such as `archive.zip!member`."""
    steps = name.split("!")
    return any((folder / "!".join(steps[:number])).is_file() for number in range(1, len(steps) + 1))


def _shelf_of(shelves: Sequence[_Shelf], delivery_id: str) -> _Shelf:
    having = [shelf for shelf in shelves if delivery_id in shelf.names]
    if not having:
        there = "; ".join(f"centre {shelf.centre.id} has {_some(shelf.names)}" for shelf in shelves)
        raise BadInput(f"There is no delivery {delivery_id}: {there}. Nothing was changed.")
    if len(having) > 1:
        raise BadInput(
            f"Several centres have a delivery {delivery_id}: {', '.join(shelf.centre.id for shelf in having)}. "
            "Say which with --centre. Nothing was changed."
        )
    return having[0]


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[-MOST_NAMED:]) or "none"
    return shown if len(names) <= MOST_NAMED else f"{shown} and {len(names) - MOST_NAMED} earlier ones"
