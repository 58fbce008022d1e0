"""The shipped mappings of the demo hospitals: what each delivers arrives in the contract, and they tell the same."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from demo import EXTRACT_DATE, tell
from demo.hospital_a import HospitalA
from demo.hospital_b import HospitalB
from demo.hospital_c import HospitalC
from models.config import Settings
from models.contract import CONTRACT
from warehouse import CentreReport, Home, LocatedCentre, land, load_centre

PATIENTS = range(72, 134)
NOT_RECORDED = {"biomarker", "clinical_note_flag", "adjudication", "identity_link"}

Row = tuple[object, ...]


class Lake:
    """What one hospital's delivery of the same sixty-two patients became."""

    def __init__(self, root: Path, home: Path, hospital: type[HospitalA | HospitalB | HospitalC]) -> None:
        folder = root / "centres" / hospital.centre_id
        delivery = home / "deliveries" / EXTRACT_DATE.isoformat()
        delivery.mkdir(parents=True)
        writer = hospital(delivery)
        for number in PATIENTS:
            writer.write(tell(number))
        writer.close()
        centre = LocatedCentre(load_centre(folder), folder, home / "deliveries")
        self.report: CentreReport = land(Home(home), centre, Settings())
        self._home = home

    def counted(self, table: str, columns: str, where: str = "true") -> Counter[Row]:
        """How often each combination of values stands in a lake table."""
        files = self._home / "lake" / table / "**" / "*.parquet"
        return Counter(duckdb.sql(f"select {columns} from read_parquet('{files}') where {where}").fetchall())


@pytest.fixture(scope="module")
def lakes(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lake]:
    """The same patients through each hospital's files and mapping."""
    hospitals: tuple[type[HospitalA | HospitalB | HospitalC], ...] = (HospitalA, HospitalB, HospitalC)
    return {hospital.centre_id: Lake(root, tmp_path_factory.mktemp("lake"), hospital) for hospital in hospitals}


@pytest.mark.parametrize("centre", ["hospital_a", "hospital_b", "hospital_c"])
def test_everything_lands_but_impossible_days(lakes: dict[str, Lake], centre: str) -> None:
    """No file or table is refused, and nothing but days that the calendar does not have goes to quarantine."""
    (delivery,) = lakes[centre].report.deliveries
    assert not lakes[centre].report.problems
    assert not delivery.problems
    assert {count.check_id for table in delivery.tables for count in table.quarantined} <= {"DQ005"}


@pytest.mark.parametrize("centre", ["hospital_a", "hospital_b", "hospital_c"])
def test_every_recorded_table_is_fed(lakes: dict[str, Lake], centre: str) -> None:
    """Each contract table that a hospital records receives rows."""
    (delivery,) = lakes[centre].report.deliveries
    fed = {table.table for table in delivery.tables if table.landed}
    assert fed - {"identity_link"} == set(CONTRACT) - NOT_RECORDED


@pytest.mark.parametrize(
    ("table", "columns", "where"),
    [
        ("patient", "sex, birth_ym", "true"),
        ("pathology", "path_date, site_icdo, icdo_morphology, behaviour, text_flag_mixed", "true"),
        ("disease_event", "distinct event_date_text, event", "event = 'RECURRENCE'"),
        ("procedure", "kind, start_text, end_text, dose_gy, intent, target_site", "kind = 'RT'"),
        ("procedure", "kind, start_text, intent, target_site", "kind <> 'RT'"),
        ("scan", "scan_date, modality", "true"),
        ("response", "distinct reader, response_date, response, target_sum_mm", "true"),
        ("ecog", "distinct specimen_date, test, value", "true"),
        ("vital", "distinct specimen_date, test, value_text::decimal(8, 1), unit", "true"),
        ("lab", "specimen_date, test, lln is null, uln is null", "true"),
        (
            "lab",
            "specimen_date, test, value_text, unit, lln, uln",
            "test in ('ALT', 'AST', 'POTASSIUM', 'SODIUM', 'TSH')",
        ),
        ("lesion", "reader, lesion_id, organ, is_node, role, scan_date, status, mm::int, nt_status", "role <> 'NEW'"),
        ("lesion", "reader, lesion_id, organ, scan_date, certainty", "role = 'NEW'"),
        ("ae", "start_text, end_text, ctcae_grade, ctcae_version, causality_text", "true"),
        ("death", "source, date_text", "true"),
        ("disease_event", "distinct event_date_text", "event = 'CLIN_PD'"),
        ("stage", "stage_date, system, t, n, m, stage_group", "true"),
        ("drug_row", "start_text, qty, units_per_day, reason_stop", "source_kind = 'RETURN'"),
        ("drug_row", "start_text, qty, units_per_day, reason_stop", "source_kind = 'DISPENSE' and qty <> 14"),
        ("drug_row", "start_text, end_text", "source_kind = 'HISTORY'"),
        ("drug_row", "start_text, trial_id", "trial_id is not null"),
        ("drug_row", "distinct start_text, cycle_days", "planned_maintenance = 'Y'"),
        ("drug_row", "distinct start_text, cycle_days", "source_kind = 'ADMIN' and cycle_days is not null"),
    ],
)
def test_three_shapes_tell_the_same(lakes: dict[str, Lake], table: str, columns: str, where: str) -> None:
    """The same patients give the same contract values, whichever hospital wrote them down."""
    first, second, third = (lake.counted(table, columns, where) for lake in lakes.values())
    assert first
    assert second == first
    assert third == first
