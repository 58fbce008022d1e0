"""Finds the deliveries of a centre and the files in them."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from models.deliveries import Layout
from models.errors import DeliveryError
from models.mapping import Source
from warehouse.config import LocatedCentre
from warehouse.files import sha256_of
from warehouse.intake.contents import Content
from warehouse.intake.database import DatabaseTable
from warehouse.intake.letter_case import patterns_of
from warehouse.intake.matching import DeliveryFolder
from warehouse.intake.workbooks import sheets_of
from warehouse.manifest import Manifest
from warehouse.vocabularies import vocabularies

DATED_NAME = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})(?:$|[^0-9])")


@dataclass(frozen=True)
class DeliveryFile:
    """One file of a delivery, as one source reads it.

    `name` is relative to the delivery's folder; inside an archive it is `archive.zip!member`, and one of several sheets
    is `book.xlsx!sheet`. Checksum and bytes are those of the file or archive as it was delivered. A table of a database
    is `schema.table`; its checksum is that of the snapshot and the question, and it has no bytes.
    """

    source: str
    content: Content | DatabaseTable
    name: str
    sha256: str
    bytes: int
    sheet: str | None = None

    def described_by(self, source: Source) -> Source:
        """How this file is read: as its source says, where that names several sheets the one that this file is."""
        return source if self.sheet is None else source.model_copy(update={"sheet": self.sheet})


@dataclass(frozen=True)
class Delivery:
    """What a centre delivered on a day. `delivery_seq` orders deliveries of one extract date, 1 is the first.

    `folder` is None when the originals are no longer there: what landed of them stays in the lake.
    """

    delivery_id: str
    folder: Path | None
    extract_date: date
    delivery_seq: int

    @property
    def order(self) -> tuple[date, str]:
        """The place among the centre's deliveries, as in a manifest."""
        return self.extract_date, self.delivery_id


def find_deliveries(centre: LocatedCentre) -> tuple[tuple[Delivery, ...], tuple[str, ...]]:
    """The folders that a centre has delivered, oldest first, and the names of folders that are no delivery.

    A database keeps none: what it said at one time it does not say again.

    Raises:
        DeliveryError: the folder of deliveries is not there.
    """
    root, settings = centre.deliveries, centre.config.centre.deliveries
    if settings.layout is Layout.DATABASE:
        return (), ()
    if not root.is_dir():
        raise DeliveryError(
            f"Centre {centre.id}: {root} is no folder. Set deliveries.path in centre.toml or in the configuration."
        )
    if settings.layout is Layout.SINGLE and settings.extract_date is not None:
        return (Delivery(root.resolve().name, root, settings.extract_date, 1),), ()
    found: list[Delivery] = []
    others = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        extract_date = _date_of(folder.name)
        if extract_date is None:
            others.append(folder.name)
        else:
            same_day = sum(delivery.extract_date == extract_date for delivery in found)
            found.append(Delivery(folder.name, folder, extract_date, same_day + 1))
    return tuple(found), tuple(others)


def in_order(found: Sequence[Delivery], batches: Sequence[Manifest]) -> tuple[Delivery, ...]:
    """All deliveries of a centre, oldest first: those found, and those that only the lake still has."""
    deliveries = {delivery.delivery_id: delivery for delivery in found}
    for batch in batches:
        gone = Delivery(batch.delivery_id, None, batch.extract_date, batch.delivery_seq)
        deliveries.setdefault(batch.delivery_id, gone)
    of_day: Counter[date] = Counter()
    numbered = []
    for delivery in sorted(deliveries.values(), key=lambda delivery: delivery.order):
        of_day[delivery.extract_date] += 1
        numbered.append(replace(delivery, delivery_seq=of_day[delivery.extract_date]))
    return tuple(numbered)


def find_files(centre: LocatedCentre, delivery: Delivery) -> tuple[DeliveryFile, ...]:
    """The files of all sources in a delivery, by name and source; one workbook may serve several sources.

    Raises:
        DeliveryError: a required source has no file, an archive or file cannot be read, or a link leads out of the
            delivery.
        ConfigError: a pattern leads out of the delivery.
    """
    where = f"Centre {centre.id}, delivery {delivery.delivery_id}"
    assert delivery.folder is not None
    folder = DeliveryFolder(delivery.folder, where)
    checksums: dict[Path, str] = {}
    files = []
    for source_name, source in centre.config.centre.source.items():
        contents = folder.matching(patterns_of(source), source_name)
        if source.required and not contents:
            raise DeliveryError(
                f"{where}: no file for source {source_name} ({', '.join(source.files)}). "
                "Nothing of this delivery was landed. "
                "Ask for the file, or set required = false in centre.toml."
            )
        for content in contents:
            name = folder.name(content)
            checksum = checksums.setdefault(content.path, "") or _checksum(content.path, f"{where}, file {name}")
            checksums[content.path] = checksum
            n_bytes = content.path.stat().st_size
            for sheet in sheets_of(content, source, f"{where}, file {name}"):
                shown = name if sheet is None else f"{name}!{sheet}"
                files.append(DeliveryFile(source_name, content, shown, checksum, n_bytes, sheet))
    return tuple(sorted(files, key=lambda file: (file.name, file.source)))


def _checksum(path: Path, where: str) -> str:
    try:
        return sha256_of(path)
    except OSError:
        raise DeliveryError(
            f"{where}: it cannot be read. Nothing of this delivery was landed. Give this user the right to read it."
        ) from None


def reading_id_of(centre_id: str, delivery: Delivery, files: tuple[DeliveryFile, ...], mapping_sha256: str) -> str:
    """What a delivery says: the same files under the same mapping say the same."""
    parts = [centre_id, delivery.delivery_id, delivery.extract_date.isoformat(), mapping_sha256]
    parts += [f"{file.source}|{file.name}|{file.sha256}" for file in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def mapping_hash(centre: LocatedCentre) -> str:
    """Hash of all that decides how files become rows; where the files lie is not part of it."""
    text = centre.config.model_dump_json(exclude={"centre": {"name", "deliveries"}})
    known = vocabularies(centre.config.phrases)
    text += "".join(known[name].content_hash for name in centre.config.vocabularies)
    return hashlib.sha256(text.encode()).hexdigest()


def _date_of(name: str) -> date | None:
    match = DATED_NAME.match(name)
    if match is None:
        return None
    try:
        return date.fromisoformat(match["date"])
    except ValueError:
        return None
