"""The same stories in every format become the same contract rows, apart from what each format cannot carry."""

from pathlib import Path

import pytest

from models.contract import CONTRACT, Table
from tests.formats.format import CannotCarry
from tests.formats.landing import Lakes, compared_tables, deliver
from tests.formats.registered import BASELINE, FORMATS, OTHERS, possible, where_possible
from tests.postgresql.server import Server
from warehouse import CentreReport, Home

NOT_RECORDED = {"biomarker", "clinical_note_flag", "adjudication", "identity_link"}
"""Tables of which the stories tell nothing."""

ENTRIES = [where_possible(name, entry) for name in OTHERS for entry in FORMATS[name].cannot_carry]


@pytest.fixture(scope="module")
def reports() -> dict[str, CentreReport]:
    """What landing said, by format."""
    return {}


@pytest.fixture(scope="module")
def lakes(
    root: Path,
    tmp_path_factory: pytest.TempPathFactory,
    reports: dict[str, CentreReport],
    any_server: Server | None,
) -> Lakes:
    """The same stories through each format's files and mapping."""
    landed = Lakes()
    with pytest.MonkeyPatch.context() as environment:
        for form in possible(any_server):
            folder = tmp_path_factory.mktemp(form.name)
            delivered = deliver(form, root, folder, environment, any_server)
            reports[form.name] = landed.add(form, delivered, Home(folder / "home"))
    return landed


@pytest.mark.parametrize("name", [where_possible(each) for each in FORMATS])
@pytest.mark.usefixtures("lakes")
def test_everything_lands_but_impossible_days(reports: dict[str, CentreReport], name: str) -> None:
    """No file or table is refused, and nothing but days that the calendar does not have goes to quarantine."""
    assert not reports[name].problems
    (delivery,) = reports[name].deliveries
    assert not delivery.problems
    assert {count.check_id for table in delivery.tables for count in table.quarantined} <= {"DQ005"}


@pytest.mark.parametrize("table", sorted(set(CONTRACT) - NOT_RECORDED))
@pytest.mark.parametrize("name", [where_possible(each) for each in FORMATS])
def test_every_row_belongs_to_a_story(lakes: Lakes, name: str, table: str) -> None:
    """Each contract table that the stories tell of receives rows, and every row is found by its patient's number."""
    assert lakes.count(name, table)
    assert lakes.count(name, f"{table} WHERE story IS NULL") == 0


@pytest.mark.parametrize("table", compared_tables(), ids=lambda table: table.name)
@pytest.mark.parametrize("name", [where_possible(each) for each in OTHERS])
def test_formats_tell_the_same(lakes: Lakes, name: str, table: Table) -> None:
    """Every statement about every patient is the same as hospital A's, but for what the format cannot carry."""
    assert lakes.differences(BASELINE, name, table, FORMATS[name].cannot_carry) == []


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_nothing_is_excused_in_vain(lakes: Lakes, name: str, entry: CannotCarry) -> None:
    """Without any one entry of what a format cannot carry, its rows differ from hospital A's."""
    assert entry.columns or entry.rows != "true"
    others = [each for each in FORMATS[name].cannot_carry if each != entry]
    assert lakes.differences(BASELINE, name, CONTRACT[entry.table], others)
