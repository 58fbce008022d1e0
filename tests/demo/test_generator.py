"""What the generator of the demo hospitals promises, whatever patients it is asked for."""

import csv
import tracemalloc
import zipfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pyarrow import parquet

from demo import EXTRACT_DATE, generate, tell
from demo.situations import SITUATIONS
from tests.demo.raw_rows import read

CRITERIA = {"I1", "I2", "I3", "I4", "I5", "E1", "E2", "E3", "E4"}


def truth(home: Path) -> list[dict[str, str]]:
    with (home / "truth" / "patients.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def contents(home: Path) -> dict[str, bytes | list[bytes]]:
    """Every file below a home; of a workbook its parts, for the zip around them carries times."""
    found: dict[str, bytes | list[bytes]] = {}
    for path in sorted(path for path in home.rglob("*") if path.is_file()):
        name = str(path.relative_to(home))
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as parts:
                found[name] = [parts.read(part) for part in sorted(parts.namelist())]
        else:
            found[name] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hospitals, 180 patients."""
    home = tmp_path_factory.mktemp("pool")
    generate(home, patients=180, centres=3)
    return home


def test_same_seed_same_files(pool: Path, tmp_path: Path) -> None:
    """A seed decides every byte of every file, workbooks part by part."""
    generate(tmp_path, patients=180, centres=3)
    assert contents(tmp_path) == contents(pool)


def test_another_seed_gives_other_records(tmp_path: Path) -> None:
    """The seed is used."""
    generate(tmp_path / "one", patients=87, seed=1)
    generate(tmp_path / "two", patients=87, seed=2)
    assert contents(tmp_path / "one") != contents(tmp_path / "two")


def test_more_patients_change_none(tmp_path: Path) -> None:
    """A patient's records depend on the seed and the patient's number, not on how many others there are."""
    few, many = (generate(tmp_path / str(number), patients=number)[0] for number in (90, 140))
    for path in few.iterdir():
        lines = path.read_bytes().splitlines()
        assert (many / path.name).read_bytes().splitlines()[: len(lines)] == lines, path.name


@pytest.mark.parametrize(("patients", "centres"), [(87, 1), (88, 3), (230, 1), (230, 2)])
def test_exactly_87_are_eligible(tmp_path: Path, patients: int, centres: int) -> None:
    """Whatever is asked for, 87 patients are eligible, and every patient asked for is there once."""
    generate(tmp_path, patients=patients, centres=centres)
    rows = truth(tmp_path)
    assert len({(row["centre_id"], row["identifier"]) for row in rows}) == patients
    assert sum(row["eligible"] == "1" for row in rows) == 87
    assert len({row["centre_id"] for row in rows if row["eligible"] == "1"}) == centres


@pytest.mark.parametrize(("patients", "centres"), [(86, 1), (0, 1), (400, 0), (400, 4)])
def test_impossible_requests_are_refused(tmp_path: Path, patients: int, centres: int) -> None:
    """Fewer than 87 patients, or a number of centres that does not exist, writes nothing and says why."""
    with pytest.raises(ValueError, match=r"there are 1 to 3|ask for 87 or more"):
        generate(tmp_path, patients=patients, centres=centres)
    assert not list(tmp_path.iterdir())


def test_every_criterion_has_patients_who_fail_it_first() -> None:
    """The catalogue of situations leaves no criterion untried, and each situation has a name of its own."""
    assert {case.first_failed for case in SITUATIONS} == CRITERIA
    assert max(Counter(case.situation for case in SITUATIONS).values()) == 1


def test_situations_come_round_in_a_demo(tmp_path: Path) -> None:
    """Four hundred patients meet every situation, and about one in eight has gastric cancer."""
    generate(tmp_path, patients=400)
    met = Counter(row["situation"] for row in truth(tmp_path))
    assert {case.situation for case in SITUATIONS} <= met.keys()
    assert 40 <= sum(number for situation, number in met.items() if situation.startswith("gastric")) <= 56
    assert sum(row["gastric_eligible"] == "1" for row in truth(tmp_path)) >= 20


def test_hospital_a_delivers_gb18030_with_crlf(pool: Path) -> None:
    """Every file of hospital A is GB18030 and not UTF-8, ends its lines with CRLF and has Chinese headers."""
    files = sorted((pool / "deliveries" / "hospital_a" / EXTRACT_DATE.isoformat()).glob("*.csv"))
    assert len(files) > 14
    for path in files:
        raw = path.read_bytes()
        header = raw.decode("gb18030").splitlines()[0].split(",")
        assert header[0] == "住院号" or "患者ID" in header
        assert raw.count(b"\n") == raw.count(b"\r\n")
        with pytest.raises(UnicodeDecodeError):
            raw.decode("utf-8")


def test_hospital_c_delivers_omop_tables(pool: Path) -> None:
    """Hospital C's Parquet files carry the names of the common data model, and every row a person."""
    folder = pool / "deliveries" / "hospital_c" / EXTRACT_DATE.isoformat()
    tables = {path.stem: parquet.read_table(path) for path in folder.glob("*.parquet")}
    assert set(tables) == {
        *("person", "visit_occurrence", "condition_occurrence", "drug_exposure"),
        *("procedure_occurrence", "measurement", "observation", "death", "episode", "concept"),
    }
    people = set(tables["person"]["person_id"].to_pylist())
    assert len(people) == 60
    assert all(set(table["person_id"].to_pylist()) <= people for name, table in tables.items() if name != "concept")


def test_deliveries_hold_no_truth(pool: Path) -> None:
    """No delivery names a situation, a label of the 87 or an answer of the study."""
    words = [word.encode() for case in SITUATIONS for word in (case.situation,) if "_" in word]
    words += [b"eligible", b"first_failed", b"P001", b"P087"]
    for name, content in contents(pool).items():
        if name.startswith("deliveries"):
            parts = content if isinstance(content, list) else [content]
            assert not [word for word in words for part in parts if word in part], name


def test_hospital_a_is_as_untidy_as_announced(pool: Path) -> None:
    """Duplicates, cancelled orders, returns, boxes, impossible days and thousands separators are all there."""
    folder = pool / "deliveries" / "hospital_a" / EXTRACT_DATE.isoformat()
    orders, slips = list(read(folder, "医嘱_*.csv")), list(read(folder, "发药.csv"))
    assert any(one == other for one, other in pairwise(orders))
    assert {"已执行", "已停止", "已作废"} == {row["状态"] for row in orders}
    assert any("," in row["单次剂量"] for row in orders)
    assert any(row["退药标志"] == "是" and int(row["数量"]) < 0 for row in slips)
    assert {"盒", "粒"} <= {row["单位"] for row in slips}
    assert any("2月30日" in row["随访日期"] for row in read(folder, "随访.csv"))
    assert any("/" in row["收缩压"] for row in read(folder, "护理记录.csv"))


def test_people_are_visibly_invented() -> None:
    """Names, telephone numbers and national numbers cannot be anybody's."""
    for number in range(87, 130):
        person = tell(number).person
        assert person.name.startswith("演示")
        assert person.phone.startswith("199000")
        assert person.national_id.startswith("000000")


def test_memory_does_not_grow_with_patients(tmp_path: Path) -> None:
    """Four times the patients need hardly more memory: stories are told and forgotten one by one."""
    generate(tmp_path / "first", patients=87)
    peaks = []
    for patients in (120, 480):
        tracemalloc.start()
        generate(tmp_path / str(patients), patients=patients)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
