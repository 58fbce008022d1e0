"""Reads `oncomart.toml` and the folders of centres, and finds the files that they name."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from models.config import Config, Quality, Settings
from models.errors import ConfigError
from models.mapping import Centre, CentreConfig, Phrase, TableMapping
from warehouse.vocabularies import check_vocabularies

Model = TypeVar("Model", bound=BaseModel)

SHIPPED = Path(__file__).resolve().parent.parent
"""The repository: centres and studies that ship with the code are below it."""

SHIPPED_MAPPINGS = SHIPPED / "centres" / "formats"
"""One folder a standard: `sources.toml` and `tables/`, as a centre's own folder has them."""


@dataclass(frozen=True)
class LocatedCentre:
    """A centre's mapping and where its deliveries are on this machine."""

    config: CentreConfig
    folder: Path
    deliveries: Path

    @property
    def id(self) -> str:
        """The `centre_id` of every row of this centre."""
        return self.config.centre.id


@dataclass(frozen=True)
class LoadedConfig:
    """A configuration with every file that it names found. `studies` maps a study's id to its protocol file."""

    path: Path
    settings: Settings
    quality: Quality
    centres: tuple[LocatedCentre, ...]
    studies: Mapping[str, Path]


def load_config(path: Path) -> LoadedConfig:
    """Reads a configuration file and every centre that it names.

    Raises:
        ConfigError: a file is missing or says something that cannot be; the message names file and key.
    """
    config = _validated(Config, read_toml(path), path)
    base = path.resolve().parent
    centres = []
    for centre_id, entry in config.centres.items():
        folder = _found(base, entry.folder, Path("centres") / centre_id, f"centre {centre_id}", path)
        centre = load_centre(folder)
        if centre.centre.id != centre_id:
            raise ConfigError(
                f"{path}: centres.{centre_id} leads to {folder}, whose id is {centre.centre.id!r}. "
                "Give both the same id."
            )
        deliveries = base / (entry.deliveries or centre.centre.deliveries.path)
        centres.append(LocatedCentre(centre, folder, deliveries))
    studies = {
        study_id: _found(base, entry.file, Path("studies") / f"{study_id}.toml", f"study {study_id}", path)
        for study_id, entry in config.studies.items()
    }
    return LoadedConfig(path.resolve(), config.settings, config.quality, tuple(centres), studies)


def load_centre(folder: Path) -> CentreConfig:
    """Reads `centre.toml`, `tables/*.toml` and `phrases.csv`, if any, of a centre's folder.

    Where `centre.toml` names a shipped mapping, its sources and tables stand in for those that the folder has not.

    Raises:
        ConfigError: a file is missing or does not fit the contract; the message names file and key.
    """
    about = read_toml(folder / "centre.toml")
    shipped = _shipped_mapping(about.get("mapping"), folder / "centre.toml")
    if shipped is not None:
        standard = read_toml(shipped / "sources.toml")["source"]
        about["source"] = {**standard, **about.get("source", {})}  # type: ignore[dict-item]
    centre = _validated(Centre, about, folder / "centre.toml")
    files = {file.name: file for place in (shipped, folder) if place for file in (place / "tables").glob("*.toml")}
    tables = []
    for _, file in sorted(files.items()):
        mapping = _validated(TableMapping, read_toml(file), file)
        if mapping.table != file.stem:
            raise ConfigError(f"{file} maps {mapping.table!r}. Name the file {mapping.table}.toml.")
        tables.append(mapping)
    if not tables:
        raise ConfigError(f"{folder / 'tables'} holds no mapping. A centre needs at least one <table>.toml.")
    phrases = _own_phrases(folder / "phrases.csv")
    config = _validated(CentreConfig, {"centre": centre, "tables": tuple(tables), "phrases": phrases}, folder)
    check_vocabularies(config, folder)
    return config


def _shipped_mapping(name: object, path: Path) -> Path | None:
    if name is None:
        return None
    known = sorted(folder.name for folder in SHIPPED_MAPPINGS.iterdir() if folder.is_dir())
    if name not in known:
        raise ConfigError(f"{path}: there is no shipped mapping {name!r}; there are {', '.join(known)}.")
    return SHIPPED_MAPPINGS / str(name)


def _own_phrases(path: Path) -> tuple[Phrase, ...]:
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: byte {error.start} does not belong. Save it as UTF-8.") from None
    return tuple(_validated(Phrase, row, path) for row in rows)


def read_toml(path: Path) -> dict[str, object]:
    """The content of a TOML file.

    Raises:
        ConfigError: it is missing, is not UTF-8 or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} does not exist.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8: byte {error.start} does not belong. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from None


def _found(base: Path, named: str | None, usual: Path, what: str, config: Path) -> Path:
    places = [base / named] if named is not None else [base / usual, SHIPPED / usual]
    for place in places:
        if place.exists():
            return place.resolve()
    raise ConfigError(f"{config}: {what} was not found at {' or '.join(str(place) for place in places)}.")


def _validated(model: type[Model], data: Mapping[str, object], path: Path) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(step) for step in entry['loc']) or 'file'}: {entry['msg']}" for entry in error.errors()
        ]
        raise ConfigError(f"{path} does not hold:\n" + "\n".join(lines)) from None
