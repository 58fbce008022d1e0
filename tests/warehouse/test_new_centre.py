"""`new-centre`: a first mapping from the files themselves, which loads, lands, and says what it could not decide."""

from pathlib import Path

import pytest

from demo import EXTRACT_DATE, tell
from demo.hospital_a import HospitalA
from models.contract import CONTRACT
from models.errors import BadInput
from tests.warehouse.hospital import SETTINGS
from warehouse import CheckReport, Home, LocatedCentre, NewCentre, check_delivery, load_centre, write_new_centre

NOT_RECOGNISED = {"disease_event", "clinical_note_flag", "adjudication", "biomarker"}
"""Contract tables that no file of hospital A is: they are told in several files, or by nobody."""


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def new_centre(root: Path, *files: Path) -> NewCentre:
    return write_new_centre("hospital", files, root / "centres", overwrite=False)


def check(made: NewCentre, root: Path) -> CheckReport:
    config = load_centre(made.folder)
    centre = LocatedCentre(config, made.folder, Path(config.centre.deliveries.path))
    return check_delivery(Home(root / "home"), centre, SETTINGS)


@pytest.fixture(scope="module")
def hospital_a(tmp_path_factory: pytest.TempPathFactory) -> tuple[NewCentre, CheckReport]:
    """The mapping that is written from the demo hospital's raw files, and the check of these files with it."""
    root = tmp_path_factory.mktemp("hospital_a")
    delivery = root / "deliveries" / EXTRACT_DATE.isoformat()
    delivery.mkdir(parents=True)
    writer = HospitalA(delivery)
    for number in range(72, 92):
        writer.write(tell(number))
    writer.close()
    made = new_centre(root, *sorted(delivery.iterdir()))
    return made, check(made, root)


def test_most_tables_of_a_chinese_hospital_are_recognised(hospital_a: tuple[NewCentre, CheckReport]) -> None:
    """Sixteen of the seventeen contract tables that hospital A records are fed."""
    made, _ = hospital_a
    assert set(made.tables) == set(CONTRACT) - NOT_RECOGNISED


def test_its_first_mapping_could_land(hospital_a: tuple[NewCentre, CheckReport]) -> None:
    """Encodings, files of one kind and columns are right as written: all files are read, nine of ten records land."""
    _, report = hospital_a
    assert report.can_land
    assert not report.missing
    assert not [column for file in report.files for column in file.unmatched]
    orders = next(file for file in report.files if file.file.startswith("医嘱"))
    assert (orders.source, orders.encoding_declared) == ("医嘱", "gb18030")
    emitted = sum(table.emitted for table in report.tables)
    assert sum(table.quarantined for table in report.tables) < emitted / 10


def test_words_become_codes(hospital_a: tuple[NewCentre, CheckReport]) -> None:
    """Words for sex, response and route are mapped to the codes of the contract."""
    made, _ = hospital_a
    (sex,) = [feed.columns["sex"].map for feed in load_centre(made.folder).mapping("patient").feed]
    assert sex
    assert {"男": "M", "女": "F"}.items() <= sex.items()
    (feed,) = load_centre(made.folder).mapping("response").feed
    assert (feed.columns["response"].map or {})["进展"] == "PD"


def test_research_files_with_three_header_rows_are_read(tmp_path: Path) -> None:
    """Names as in TCGA: tabs, identifiers in a row below the names, words in brackets for nothing, days for dates."""
    rows = [
        "bcr_patient_barcode\tgender\tage_at_diagnosis\ticd_10\tlast_contact_days_to",
        "patient\tsex\tage\ticd\tdays",
        "CDE_ID:1\tCDE_ID:2\tCDE_ID:3\tCDE_ID:4\tCDE_ID:5",
        *(f"TCGA-{n}\t{'FEMALE' if n % 3 else 'MALE'}\t{50 + n}\tC15.{n % 6}\t[Not Available]" for n in range(12)),
    ]
    made = new_centre(tmp_path, write(tmp_path / "2025-07-05", "clinical_patient_esca.txt", "\n".join(rows) + "\n"))
    assert made.tables == {"patient": 1, "diagnosis": 1}
    source = load_centre(made.folder).centre.source["clinical_patient_esca"]
    assert (source.delimiter, source.skip_after_header) == ("\t", 2)
    assert "[Not Available]" in source.null_tokens
    assert 'calendar = "relative"' in (made.folder / "centre.toml").read_text()
    report = check(made, tmp_path)
    assert [(table.table, table.would_land, table.quarantined) for table in report.tables] == [
        ("diagnosis", 12, 0),
        ("patient", 12, 0),
    ]


def test_columns_are_recognised_by_their_cells(tmp_path: Path) -> None:
    """A column of sex words or ICD codes under a name that says nothing is taken, with a comment that says why."""
    rows = [f"{n},{'男' if n % 2 else '女'},C15.{n % 6},2024-01-{n + 1:02d}" for n in range(20)]
    made = new_centre(tmp_path, write(tmp_path / "2025-07-05", "f1.csv", "\n".join(["患者ID,a,b,c", *rows, ""])))
    assert made.tables == {"patient": 1, "diagnosis": 1}
    text = (made.folder / "tables" / "diagnosis.toml").read_text()
    assert "# not decided: code: 'b' was taken for what its cells look like" in text


def test_what_is_not_decided_stands_as_comments(tmp_path: Path) -> None:
    """Columns that could feed a contract column, and those that nothing reads, stand where the engineer looks."""
    rows = [f"{n},男,2024-01-{n + 1:02d},x" for n in range(9)]
    made = new_centre(
        tmp_path, write(tmp_path / "2025-07-05", "m.csv", "\n".join(["患者ID,性别,来院,邮编", *rows, ""]))
    )
    assert "# not decided: birth_ym: '来院'?" in (made.folder / "tables" / "patient.toml").read_text()
    assert "# read by no table: 来院, 邮编" in (made.folder / "centre.toml").read_text()


def test_a_header_that_is_not_the_first_row_is_found(tmp_path: Path) -> None:
    """A title above the names is passed over."""
    text = "某医院,,\n患者ID,性别,出生日期\n" + "".join(f"{n},男,1960-01-01\n" for n in range(5))
    made = new_centre(tmp_path, write(tmp_path / "2025-07-05", "p.csv", text))
    assert load_centre(made.folder).centre.source["p"].header_row == 2


def test_odd_names_make_no_broken_toml(tmp_path: Path) -> None:
    """Quotes, backslashes, line breaks and signs in names of files and columns stay what they are."""
    header = '患者ID,性别,"a ""quoted"" \\ name","two\nlines",x]y = 1'
    made = new_centre(tmp_path, write(tmp_path / "2025-07-05", 'odd "name" [1].csv', f"{header}\n1,男,,,\n2,女,,,\n"))
    assert made.tables == {"patient": 1}
    assert load_centre(made.folder).mapping("patient").feed[0].columns["sex"].column == "性别"


def test_no_value_of_an_identifying_column_is_written(tmp_path: Path) -> None:
    """Numbers, names and free texts of the files are nowhere in the mapping."""
    rows = "".join(f"ZYH{n},王小明,男,13912345678,随访{n}\n" for n in range(30))
    made = new_centre(tmp_path, write(tmp_path / "2025-07-05", "p.csv", f"患者ID,姓名,性别,电话,备注\n{rows}"))
    written = "".join(path.read_text() for path in made.folder.rglob("*.toml"))
    assert not [word for word in ("ZYH", "王小明", "13912345678", "随访") if word in written]


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    """A folder that is there stays as it is, unless it is given up in so many words."""
    file = write(tmp_path / "2025-07-05", "p.csv", "患者ID,性别\n1,男\n")
    made = new_centre(tmp_path, file)
    (made.folder / "centre.toml").write_text("mine")
    with pytest.raises(BadInput, match="is there already"):
        new_centre(tmp_path, file)
    assert (made.folder / "centre.toml").read_text() == "mine"
    write_new_centre("hospital", [file], tmp_path / "centres", overwrite=True)
    assert load_centre(made.folder).centre.id == "hospital"


@pytest.mark.parametrize("name", ["Hospital", "1st", "../elsewhere", ""])
def test_a_name_that_is_no_id_is_refused(tmp_path: Path, name: str) -> None:
    """A centre's id is letters, digits and underscores; nothing is written elsewhere."""
    file = write(tmp_path / "2025-07-05", "p.csv", "患者ID,性别\n1,男\n")
    with pytest.raises(BadInput, match="cannot be a centre's id"):
        write_new_centre(name, [file], tmp_path / "centres", overwrite=True)


def test_files_in_which_nothing_is_recognised_are_told(tmp_path: Path) -> None:
    """Without any contract table nothing is written, and the columns that were seen are named."""
    file = write(tmp_path / "2025-07-05", "x.csv", "a,b\n1,2\n")
    with pytest.raises(BadInput, match=r"No contract table was recognised.*x: a, b"):
        new_centre(tmp_path, file)
    assert not (tmp_path / "centres").exists()
