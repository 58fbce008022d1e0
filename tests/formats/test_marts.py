"""One warehouse in which every format is a centre of its own: the marts say the same of the same stories."""

from pathlib import Path

import pytest

from tests.formats.format import CannotCarry
from tests.formats.marts import COMPARED, Marts
from tests.formats.registered import BASELINE, FORMATS, OTHERS, where_possible
from tests.postgresql.server import Server

ENTRIES = [where_possible(name, entry) for name in OTHERS for entry in FORMATS[name].marts_differ]


@pytest.fixture(scope="module")
def marts(root: Path, tmp_path_factory: pytest.TempPathFactory, any_server: Server | None) -> Marts:
    """The marts of all formats."""
    with pytest.MonkeyPatch.context() as environment:
        return Marts(root, tmp_path_factory.mktemp("formats"), environment, any_server)


@pytest.mark.parametrize("table", COMPARED)
@pytest.mark.parametrize("name", [where_possible(each) for each in OTHERS])
def test_marts_say_the_same(marts: Marts, name: str, table: str) -> None:
    """Every mart has the same content for a format's centre as for hospital A, but for what the format cannot carry."""
    form, baseline = FORMATS[name], FORMATS[BASELINE]
    assert marts.count(table, baseline)
    assert marts.differences(baseline, form, table, form.marts_differ) == []


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_nothing_is_excused_in_vain(marts: Marts, name: str, entry: CannotCarry) -> None:
    """Without any one entry of what may differ, the marts of a format differ from hospital A's."""
    form, baseline = FORMATS[name], FORMATS[BASELINE]
    assert entry.table in COMPARED
    others = [each for each in form.marts_differ if each != entry]
    assert marts.differences(baseline, form, entry.table, others)
