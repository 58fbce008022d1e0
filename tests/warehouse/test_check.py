"""`check`: a delivery tried without landing it; every planted trouble is found, and nobody is named."""

from pathlib import Path

import pyarrow as pa
import pytest

from models.errors import DeliveryError
from tests.warehouse.hospital import SETTINGS, Hospital
from tests.warehouse.test_privacy import CANARIES, everything_under, hospital_of_canaries
from warehouse import CheckReport, check_delivery
from warehouse.intake.onboarding.date_forms import date_forms, unread_forms

JUNE, JULY = "2025-06-05", "2025-07-05"
ORDERS = ["id", "order", "drug", "route", "given at"]
RESULTS = ["id", "sample", "taken", "test", "result", "unit"]


def ward(root: Path) -> Hospital:
    """A hospital whose orders and laboratory results are mapped."""
    orders = {
        "patient_id": {"column": "id", "system": "HIS"},
        "row_id": {"column": "order", "system": "orders"},
        "source_kind": {"constant": "ADMIN"},
        "raw_name": "drug",
        "route": {"column": "route", "map": {"静滴": "IV", "口服": "PO"}},
        "start_text": "given at",
    }
    results = {
        "patient_id": {"column": "id", "system": "HIS"},
        "result_id": {"column": "sample", "system": "sample"},
        "specimen_date": "taken",
        "test": "test",
        "value_text": "result",
        "unit": "unit",
    }
    return Hospital(
        root,
        {"orders": {"files": ["orders*.csv"]}, "results": {"files": ["results.csv"], "required": False}},
        [
            {"table": "drug_row", "key": ["row_id"], "feed": [{"source": "orders", "columns": orders}]},
            {"table": "lab", "feed": [{"source": "results", "columns": results}]},
        ],
    )


def order(number: int, drug: str = "顺铂", route: str = "静滴", given: str = "2025-05-01") -> list[str]:
    return [str(number), f"o{number}", drug, route, given]


def check(hospital: Hospital, delivery: str | None = None) -> CheckReport:
    return check_delivery(hospital.home, hospital.centre, SETTINGS, delivery)


def test_a_clean_delivery_can_land_and_leaves_nothing(tmp_path: Path) -> None:
    """Counts are those of a landing, nothing is found, and neither home nor key nor identity file comes into being."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "orders.csv", [ORDERS, *(order(number) for number in range(10))])
    report = check(hospital)
    assert report.can_land
    (table, _) = report.tables
    assert (table.emitted, table.would_land, table.quarantined, table.duplicates) == (10, 10, 0, 0)
    assert (report.rejected, report.unknown, report.drift) == ((), (), ())
    assert not hospital.home.root.exists()


def test_the_newest_delivery_is_tried_or_the_named_one(tmp_path: Path) -> None:
    """Without a name it is the newest; a name that is not there is an error with those that are."""
    hospital = ward(tmp_path)
    for month in (JULY, JUNE):
        hospital.deliver(month, "orders.csv", [ORDERS, order(1)])
    assert check(hospital).delivery_id == JULY
    assert check(hospital, JUNE).delivery_id == JUNE
    with pytest.raises(DeliveryError, match=f"no delivery 2024-01-01 .*{JUNE}, {JULY}"):
        check(hospital, "2024-01-01")


def test_missing_files_come_with_similar_ones(tmp_path: Path) -> None:
    """A required file that is not there stops a refresh; the rest is tried nevertheless, and near names are given."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "order_202506.csv", [ORDERS, order(1)])
    hospital.deliver(JUNE, "results.csv", [RESULTS, ["1", "s1", "2025-05-01", "HGB", "120", "g/L"]])
    report = check(hospital)
    assert not report.can_land
    (missing,) = report.missing
    assert (missing.source, missing.required, missing.near) == ("orders", True, ("order_202506.csv",))
    assert report.unread_files == ("order_202506.csv",)
    assert [file.file for file in report.files] == ["results.csv"]
    assert report.tables[1].would_land == 1


def test_columns_are_matched_unmatched_and_unused(tmp_path: Path) -> None:
    """A column that the mapping names and the file has not comes with the nearest that it has."""
    hospital = ward(tmp_path)
    header = ["id", "order", "drug", "route", "time given", "doctor"]
    hospital.deliver(JUNE, "orders.csv", [header, [*order(1), "x"]])
    report = check(hospital)
    (file,) = report.files
    assert file.matched == ("id", "order", "drug", "route")
    assert [(column.column, column.nearest) for column in file.unmatched] == [("given at", "time given")]
    assert file.unused == ("time given", "doctor")
    assert not report.can_land


def test_a_wrong_encoding_is_told_with_the_right_one(tmp_path: Path) -> None:
    """What the mapping declares and what the bytes look like stand side by side."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "orders.csv", [ORDERS, order(1)], encoding="gb18030")
    report = check(hospital)
    (file,) = report.files
    assert (file.encoding_declared, file.encoding_detected) == ("utf-8-sig", "gb18030")
    assert file.error is not None
    assert not report.can_land


def test_rejects_are_counted_by_check_with_places(tmp_path: Path) -> None:
    """Each check has its rows and the file and row of the first five, in physical rows of the file."""
    hospital = ward(tmp_path)
    rows = [order(number, given="2025-02-30" if number % 2 else "2025-05-01") for number in range(14)]
    hospital.deliver(JUNE, "orders.csv", [ORDERS, *rows])
    report = check(hospital)
    (rejected,) = report.rejected
    assert (rejected.table, rejected.column, rejected.check_id, rejected.rows) == ("drug_row", "start_text", "DQ005", 7)
    assert rejected.places == tuple(f"orders.csv row {row}" for row in (3, 5, 7, 9, 11))
    assert report.can_land


def test_unknown_names_come_with_the_nearest_known(tmp_path: Path) -> None:
    """Drug names, tests, units and codes that nothing knows, the most frequent first; rare ones only as a count."""
    hospital = ward(tmp_path)
    rows = [order(number, drug="卡瑞利株单康" if number < 8 else "张三自带", route="静推") for number in range(10)]
    hospital.deliver(JUNE, "orders.csv", [ORDERS, *rows, *(order(number) for number in range(20, 30))])
    results = [[str(n), f"s{n}", "2025-05-01", "血红旦白" if n < 6 else "HGB", "120", "g/L"] for n in range(12)]
    hospital.deliver(JUNE, "results.csv", [RESULTS, *results])
    report = check(hospital)
    found = {(name.table, name.column, name.value): name for name in report.unknown}
    assert found["lab", "test", "血红旦白"].nearest == "血红蛋白"
    assert found["lab", "test", "血红旦白"].rows == 6
    assert found["drug_row", "route", "静推"].nearest == "静滴"
    assert "张三" not in report.model_dump_json()


def test_repeated_keys_and_duplicates_are_told(tmp_path: Path) -> None:
    """A key that two different records share is told with both places; the same record twice is a duplicate."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "orders.csv", [ORDERS, order(1), order(1), order(2), order(2, drug="卡铂")])
    (table, _) = check(hospital).tables
    assert (table.duplicates, table.repeated_keys) == (1, 1)
    assert table.places == ("orders.csv row 4", "orders.csv row 5")


def test_changes_since_the_landed_delivery_are_told(tmp_path: Path) -> None:
    """The delivery is compared with the one landed before it, and still needs no key."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "orders.csv", [ORDERS, *(order(number) for number in range(10))])
    hospital.land()
    (hospital.home.keys / "hospital.key").unlink()
    before = everything_under(hospital.home.root)
    rows = [order(number, route="口服" if number < 6 else "静滴") for number in range(10)]
    hospital.deliver(JULY, "orders.csv", [ORDERS, *rows])
    (line,) = check(hospital).drift
    assert "drug_row.route has values it had not: '口服' (6 rows)" in line
    assert everything_under(hospital.home.root) == before


def test_nobody_is_named(tmp_path: Path) -> None:
    """Identifiers in mapped, unmapped, free-text and wrong columns are nowhere in the report."""
    report = check(hospital_of_canaries(tmp_path))
    assert report.rejected
    assert not [canary for canary in CANARIES if canary in report.model_dump_json()]


def test_a_file_without_a_header_shows_no_names(tmp_path: Path) -> None:
    """A row of data that stands where the names should is neither shown nor kept in a manifest."""
    hospital = ward(tmp_path)
    hospital.deliver(JUNE, "orders.csv", [["王小明", "13912345678", "顺铂", "静滴", "2025-05-01"], order(1)])
    assert "王小明" not in check(hospital).model_dump_json()
    hospital.land()
    assert "王小明" not in everything_under(hospital.home.root)


@pytest.mark.parametrize(
    ("cells", "forms", "unread"),
    [
        (["2024-03-05", "2024-3-5 10:30", "2024-03"], {"YYYY-MM-DD": 2, "YYYY-MM": 1}, ()),
        (["2024年3月5日", "20240305", "2024/3/5"], {"YYYY年MM月DD日": 1, "YYYYMMDD": 1, "YYYY/MM/DD": 1}, ()),
        (["03/04/2024", "12/12/2024"], {"DD/MM/YYYY or MM/DD/YYYY: ambiguous": 2}, "all"),
        (["03/04/2024", "13/04/2024"], {"DD/MM/YYYY": 2}, "all"),
        (["03/04/2024", "03/13/2024"], {"MM/DD/YYYY": 2}, "all"),
        (["13/04/2024", "03/13/2024"], {"DD/MM/YYYY mixed with MM/DD/YYYY": 2}, "all"),
        (["24-03-05", "2024.3.5"], {"two-digit year": 1, "YYYY.MM.DD": 1}, "all"),
        (["45356", "45356.5"], {"days since 1899-12-30 (a spreadsheet's serial)": 2}, "all"),
        (["", None, "春天"], {"other": 1}, "all"),
        ([], {}, ()),
    ],
)
def test_forms_of_dates(cells: list[str | None], forms: dict[str, int], unread: object) -> None:
    """Forms are counted; days and months before a year are decided by numbers above 12, or called ambiguous."""
    found = date_forms(pa.chunked_array([cells], pa.string()))
    assert found == forms
    assert set(unread_forms(found, reads_serials=False)) == (set(forms) if unread == "all" else set())


def test_serials_are_read_where_the_mapping_says_so() -> None:
    """A spreadsheet's serials are no trouble in a column that is mapped as such."""
    assert unread_forms(date_forms(pa.chunked_array([["45356"]], pa.string())), reads_serials=True) == ()
