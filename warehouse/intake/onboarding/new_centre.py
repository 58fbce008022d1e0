"""Writes the first mapping of a centre from its files."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.errors import BadInput, DeliveryError
from warehouse.config import load_centre
from warehouse.files import remove_tree, write_atomically
from warehouse.intake.deliveries import DATED_NAME
from warehouse.intake.onboarding.first_mapping import DraftFeed, draft_feeds
from warehouse.intake.onboarding.found_sources import FoundSource, find_sources
from warehouse.intake.reading import are_like_data

CENTRE_ID = re.compile(r"[a-z][a-z0-9_]*")
PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+")
READABLE = 0o644


@dataclass(frozen=True)
class NewCentre:
    """What was written: `unread` are columns, by source, that no table reads."""

    folder: Path
    sources: tuple[str, ...]
    tables: dict[str, int]
    undecided: int
    unread: dict[str, list[str]]


def write_new_centre(name: str, files: Sequence[Path], into: Path, *, overwrite: bool) -> NewCentre:
    """Writes `centre.toml` and `tables/*.toml` for the contract tables that the files seem to feed.

    Args:
        name: id of the centre.
        files: of one delivery.
        into: where the centre's folder comes to lie.
        overwrite: replace a folder that is there.

    Raises:
        BadInput: the name or a file cannot be used, the folder is there, or no table is recognised.
    """
    if not CENTRE_ID.fullmatch(name):
        raise BadInput(f"{name!r} cannot be a centre's id: small letters, digits and underscores, a letter first.")
    folder = into / name
    if folder.exists() and not overwrite:
        raise BadInput(f"{folder} is there already. Choose another name, or say --force to lose what it holds.")
    for path in files:
        if not path.is_file():
            raise DeliveryError(f"{path} is no file. Name the files of one delivery.")
    sources = find_sources(files)
    feeds = [feed for source in sources for feed in draft_feeds(source)]
    if not feeds:
        seen = "; ".join(f"{source.name}: {_shown(source.columns)}" for source in sources)
        raise BadInput(f"No contract table was recognised in these files. Their columns are: {seen}.")
    read = {
        source.name: set[str]().union(*(feed.read for feed in feeds if feed.source == source.name))
        for source in sources
    }
    unread = {
        source.name: [column for column in source.columns if column not in read[source.name]] for source in sources
    }
    tables = {feed.table: [each for each in feeds if each.table == feed.table] for feed in feeds}
    remove_tree(folder)
    (folder / "tables").mkdir(parents=True)
    centre = "\n".join(_centre_toml(name, files, [each for each in sources if read[each.name]], unread)) + "\n"
    write_atomically(folder / "centre.toml", centre, READABLE)
    for table, of_table in tables.items():
        write_atomically(folder / "tables" / f"{table}.toml", "\n".join(_table_toml(table, of_table)) + "\n", READABLE)
    load_centre(folder)
    undecided = sum(len(feed.undecided) for feed in feeds)
    counts = {table: len(of_table) for table, of_table in tables.items()}
    return NewCentre(folder, tuple(source.name for source in sources), counts, undecided, unread)


def _shown(columns: Sequence[str]) -> str:
    if are_like_data(columns):
        return "names that look like data and are not shown; is there a header?"
    return ", ".join(columns)


def _centre_toml(
    name: str, files: Sequence[Path], sources: Sequence[FoundSource], unread: dict[str, list[str]]
) -> Iterator[str]:
    yield f"# First mapping of {name}, written from its files. Look at every line that says `not decided`."
    yield ""
    yield f"id = {_value(name)}"
    yield f"name = {_value(name)}"
    yield ""
    yield from _deliveries(files)
    for source in sources:
        yield ""
        yield f"[source.{_key(source.name)}]"
        yield from (f"{key} = {_value(value)}" for key, value in source.settings.items())
        if any("days_to" in column for column in source.columns):
            yield '# not decided: days from an event, and no dates? Then calendar = "relative" and an anchor, above'
        if unread[source.name]:
            yield f"# read by no table: {_comment(_shown(unread[source.name]))}"


def _deliveries(files: Sequence[Path]) -> Iterator[str]:
    folder = files[0].resolve().parent
    yield "[deliveries]"
    if DATED_NAME.match(folder.name):
        yield f"path = {_value(str(folder.parent))}"
        return
    newest = datetime.fromtimestamp(max(path.stat().st_mtime for path in files), UTC).date()
    yield f"path = {_value(str(folder))}"
    yield 'layout = "single"'
    yield "# not decided: the date is that of the newest file; say when they were extracted"
    yield f"extract_date = {newest.isoformat()}"


def _table_toml(table: str, feeds: Sequence[DraftFeed]) -> Iterator[str]:
    keys = {feed.key for feed in feeds}
    yield f"table = {_value(table)}"
    if len(keys) == 1 and feeds[0].key:
        yield f"key = {_value(list(feeds[0].key))}"
    yield '# not decided: delivery = "full" (what is gone is withdrawn) or "changes"'
    for feed in feeds:
        yield ""
        yield "[[feed]]"
        yield f"source = {_value(feed.source)}"
        if feed.when:
            yield f"when = {_value(feed.when)}"
        yield "[feed.columns]"
        simple = {name: cell for name, cell in feed.cells.items() if "map" not in cell}
        for name, cell in simple.items():
            yield f"{name} = {_value(cell['column'] if list(cell) == ['column'] else cell)}"
            if "constant" in cell:
                yield f"# not decided: {name} is {_comment(str(cell['constant']))} for every row"
        yield from (f"# not decided: {_comment(line)}" for line in feed.undecided)
        for name, cell in feed.cells.items():
            if "map" in cell:
                yield f"[feed.columns.{name}]"
                yield from (f"{key} = {_value(value)}" for key, value in cell.items() if key != "map")
                yield f"[feed.columns.{name}.map]"
                mapped = cell["map"]
                assert isinstance(mapped, dict)
                yield from (f"{_value(word)} = {_value(code)}" for word, code in mapped.items())


def _key(name: str) -> str:
    return name if PLAIN_KEY.fullmatch(name) else _value(name)


def _comment(text: str) -> str:
    """A text that cannot end its comment."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _value(value: object) -> str:
    """TOML of texts, flags, whole numbers, lists and inline tables; its texts are written as JSON's are."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
