"""Which files of a delivery a source's patterns name: plain, gzipped, or inside a zip archive."""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from models.errors import ConfigError, DeliveryError
from warehouse.intake.archives import ARCHIVE_SUFFIX, members
from warehouse.intake.contents import GZIP_SUFFIX, Content


class DeliveryFolder:
    """The folder of one delivery.

    Args:
        folder: where it is.
        where: how messages name it: centre, delivery.
    """

    def __init__(self, folder: Path, where: str) -> None:
        self._folder, self._where = folder, where
        self._inside = folder.resolve()
        self._archives = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ARCHIVE_SUFFIX)
        self._members: dict[Path, list[Content]] = {}

    def matching(self, patterns: Sequence[str], source: str) -> tuple[Content, ...]:
        """What the patterns of a source name, in the order of patterns and names.

        `orders_*.csv` names such files, gzipped ones (`orders_1.csv.gz`) and members of the delivery's zip archives,
        in whatever folder of the archive they lie. A pattern that names an archive names all of its members.

        Raises:
            ConfigError: a pattern leads out of the delivery.
            DeliveryError: an archive cannot be read, something is no file, or a link leads out of the delivery.
        """
        found: dict[Content, None] = {}
        for pattern in patterns:
            parts = PurePosixPath(pattern)
            if parts.is_absolute() or ".." in parts.parts:
                raise ConfigError(
                    f"{self._where}, source {source}: {pattern!r} leads out of the delivery. Name files below it."
                )
            found |= dict.fromkeys(self._plain(pattern))
            found |= dict.fromkeys(self._packed(pattern))
        return tuple(found)

    def name(self, content: Content) -> str:
        """How reports and the lake name it: `orders.csv`, or `2025-07.zip!orders.csv` in an archive."""
        path = content.path.relative_to(self._folder).as_posix()
        return path if content.member is None else f"{path}!{content.name}"

    def _plain(self, pattern: str) -> Iterator[Content]:
        paths = {*self._folder.glob(pattern), *self._folder.glob(pattern + GZIP_SUFFIX)}
        for path in sorted(paths):
            if not self._is_usable(path, names_a_file=bool(PurePosixPath(pattern).suffix)):
                continue
            if path.suffix.lower() == ARCHIVE_SUFFIX:
                yield from self._members_of(path)
            else:
                yield Content(path, path.name)

    def _packed(self, pattern: str) -> Iterator[Content]:
        wanted = pattern.removeprefix("**/")
        for path in self._archives:
            if not self._is_usable(path, names_a_file=False):
                continue
            folder = PurePosixPath(path.parent.relative_to(self._folder))
            for content in self._members_of(path):
                name = folder / content.name
                if name.match(wanted) or name.match(wanted + GZIP_SUFFIX):
                    yield content

    def _members_of(self, path: Path) -> list[Content]:
        if path not in self._members:
            self._members[path] = [Content(path, member.name, member.key) for member in members(path, self._where)]
        return self._members[path]

    def _is_usable(self, path: Path, *, names_a_file: bool) -> bool:
        """Whether it is a file of the delivery; what has a file's name and is none is refused, never passed over."""
        if path.name.startswith((".", "~$")) or (path.is_dir() and not names_a_file):
            return False
        if not path.is_file():
            raise DeliveryError(
                f"{self._where}: {path.name} is no file but a folder, a link to nothing or a device. "
                "Nothing of this delivery was landed. Deliver the file itself."
            )
        if not path.resolve().is_relative_to(self._inside):
            raise DeliveryError(
                f"{self._where}: {path.name} is a link that leads out of the delivery. Deliver the file itself."
            )
        return True
