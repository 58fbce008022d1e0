"""Configuration: every file is found, and what is wrong is said with file and key."""

from pathlib import Path

import pytest

from models.errors import ConfigError
from warehouse import load_centre, load_config

CENTRE = """
id = "{id}"
name = "Hospital"
[deliveries]
path = "deliveries/{id}"
[source.patients]
files = ["patients.csv"]
"""
PATIENT = """
table = "patient"
[[feed]]
source = "patients"
[feed.columns]
patient_id = {column = "id", system = "HIS"}
"""


def write(root: Path, files: dict[str, str]) -> Path:
    """Writes files below a folder; returns the folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def centre_files(centre_id: str) -> dict[str, str]:
    """The files of a centre beside the configuration."""
    return {
        f"centres/{centre_id}/centre.toml": CENTRE.format(id=centre_id),
        f"centres/{centre_id}/tables/patient.toml": PATIENT,
    }


def test_centre_beside_the_configuration(tmp_path: Path) -> None:
    """Centre, deliveries and study are found relative to the configuration file."""
    files = centre_files("hospital_a") | {
        "studies/mine.toml": "",
        "oncomart.toml": "[centres.hospital_a]\n[studies.mine]\n",
    }
    config = load_config(write(tmp_path, files) / "oncomart.toml")
    (centre,) = config.centres
    assert (centre.id, centre.deliveries) == ("hospital_a", tmp_path / "deliveries" / "hospital_a")
    assert config.studies == {"mine": tmp_path / "studies" / "mine.toml"}


def test_shipped_centre_and_study(tmp_path: Path, root: Path) -> None:
    """What is not beside the configuration is taken from the repository, and deliveries can be named there."""
    text = '[centres.tcga_esca]\ndeliveries = "files"\n[studies.tcga_esca]\n'
    config = load_config(write(tmp_path, {"oncomart.toml": text}) / "oncomart.toml")
    assert config.centres[0].folder == root / "centres" / "tcga_esca"
    assert config.centres[0].deliveries == tmp_path / "files"
    assert config.studies["tcga_esca"] == root / "studies" / "tcga_esca.toml"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "oncomart.toml does not exist"),
        ({"oncomart.toml": "[centres"}, "is not TOML"),
        ({"oncomart.toml": "[centres.a]\ncolour = 1\n[studies.tcga_esca]\n"}, "centres.a.colour"),
        ({"oncomart.toml": "[centres.nowhere]\n[studies.tcga_esca]\n"}, "centre nowhere was not found at"),
        ({"oncomart.toml": "[centres.a]\n[studies.nowhere]\n", **centre_files("a")}, "study nowhere was not found at"),
        (
            {"oncomart.toml": '[centres.a]\nfolder = "centres/b"\n[studies.tcga_esca]\n', **centre_files("b")},
            "Give both the same id",
        ),
    ],
)
def test_configuration_errors(tmp_path: Path, files: dict[str, str], message: str) -> None:
    """Each error names the file, the key where there is one, and what was expected."""
    with pytest.raises(ConfigError, match=message):
        load_config(write(tmp_path, files) / "oncomart.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.pop("centres/a/tables/patient.toml"), "holds no mapping"),
        (lambda files: files.update({"centres/a/tables/death.toml": PATIENT}), "Name the file patient.toml"),
        (
            lambda files: files.update({"centres/a/tables/patient.toml": PATIENT + 'sex = {constant = "X"}'}),
            "permitted are M, F",
        ),
        (
            lambda files: files.update({"centres/a/tables/patient.toml": PATIENT.replace("patients", "else")}),
            "does not describe",
        ),
    ],
)
def test_mapping_errors(tmp_path: Path, change: object, message: str) -> None:
    """A mapping that does not fit the contract or its centre is refused when it is read."""
    files = centre_files("a")
    change(files)  # type: ignore[operator]
    (tmp_path / "centres" / "a" / "tables").mkdir(parents=True)
    with pytest.raises(ConfigError, match=message):
        load_centre(write(tmp_path, files) / "centres" / "a")
