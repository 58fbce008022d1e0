from typing import Any

import pytest
from pydantic import ValidationError

from models.cells import Cell, Condition
from models.deliveries import Deliveries
from models.mapping import Centre, CentreConfig, TableMapping

ECOG: dict[str, Any] = {
    "table": "ecog",
    "feed": [
        {
            "source": "nursing",
            "columns": {
                "patient_id": {"column": "患者ID", "system": "患者ID"},
                "specimen_date": "记录时间",
                "test": {"constant": "ECOG"},
                "value": "ECOG",
            },
        }
    ],
}


def changed(**columns: object) -> dict[str, Any]:
    feed = ECOG["feed"][0]
    kept = {name: cell for name, cell in {**feed["columns"], **columns}.items() if cell is not None}
    return {**ECOG, "feed": [{**feed, "columns": kept}]}


def test_a_bare_name_is_short_for_a_column() -> None:
    """`value = "ECOG"` means the same as `value = {column = "ECOG"}`."""
    mapping = TableMapping.model_validate(ECOG)
    assert mapping.feed[0].columns["value"] == Cell(column="ECOG")


@pytest.mark.parametrize(
    ("mapping", "fault"),
    [
        (changed(test=None), "does not fill test"),
        (changed(grade="ECOG"), "the contract does not have"),
        (changed(patient_id={"column": "患者ID"}), "needs system"),
        (changed(test={"constant": "WHO"}), "would become WHO; permitted are ECOG, KPS"),
        (changed(test={"column": "量表", "map": {"WHO量表": "WHO"}}), "would become WHO"),
        ({**ECOG, "key": ["visit"]}, "key names 'visit'"),
        ({**ECOG, "table": "karnofsky"}, "there is no contract table 'karnofsky'"),
    ],
    ids=["required column unfilled", "unknown column", "number without system", "constant", "map", "key", "table"],
)
def test_a_mapping_that_does_not_fit_its_contract_is_refused(mapping: dict[str, Any], fault: str) -> None:
    """A mapping is checked against the contract before any file is read, and the fault is named."""
    with pytest.raises(ValidationError, match=fault):
        TableMapping.model_validate(mapping)


@pytest.mark.parametrize(
    "cell",
    [{}, {"column": "a", "constant": "b"}, {"columns": ["a", "b"]}, {"column": "a", "map": {}, "phrases": []}],
    ids=["no origin", "two origins", "columns without take or join", "map and phrases"],
)
def test_an_ambiguous_cell_is_refused(cell: dict[str, Any]) -> None:
    """A cell has one origin and one way of reading it."""
    with pytest.raises(ValidationError):
        Cell.model_validate(cell)


def test_a_condition_asks_one_thing() -> None:
    """A condition with two questions, or with none, is refused."""
    with pytest.raises(ValidationError, match="exactly one"):
        Condition.model_validate({"column": "a", "present": True, "matches": "x"})
    with pytest.raises(ValidationError, match="exactly one"):
        Condition.model_validate({"column": "a"})


def test_an_anchor_belongs_to_a_relative_calendar_alone() -> None:
    """Days from an event need a day 0; calendar dates may not have one."""
    base = {"id": "c", "name": "C", "deliveries": {"path": "."}, "source": {}}
    with pytest.raises(ValidationError, match="anchor"):
        Centre.model_validate({**base, "calendar": "relative"})
    with pytest.raises(ValidationError, match="anchor"):
        Centre.model_validate({**base, "anchor": "2000-01-01"})


def test_a_single_delivery_states_its_extract_date() -> None:
    """A folder that is not named by its date has to say when it was extracted."""
    with pytest.raises(ValidationError, match="extract_date"):
        Deliveries.model_validate({"path": ".", "layout": "single"})


def test_a_feed_from_an_undescribed_source_is_refused() -> None:
    """Every feed names a source that centre.toml describes."""
    centre = {"id": "c", "name": "C", "deliveries": {"path": "."}, "source": {}}
    with pytest.raises(ValidationError, match=r"which centre\.toml does not describe"):
        CentreConfig.model_validate({"centre": centre, "tables": [ECOG]})
