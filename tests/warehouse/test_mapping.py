"""Every feature of the mapping language, from a delivered file to the lake."""

from pathlib import Path

import pytest

from tests.warehouse.hospital import Hospital, one_cell, patients_of


def landed(hospital: Hospital, table: str, column: str) -> list[object]:
    """Values of one column in the order of the source rows."""
    report = hospital.land()
    assert report.problems == ()
    return [row[1] for row in hospital.rows(table, "source_row", column)]


def test_null_tokens_and_blanks(tmp_path: Path) -> None:
    """Blanks of any kind at either end do not count, and a null token is no value."""
    hospital = one_cell(
        tmp_path, "biomarker", "value_text", "cell", [" 5 ", "　5　", "不详", "-", "", "N/A"], name={"constant": "x"}
    )
    assert landed(hospital, "biomarker", "value_text") == ["5", "5", None, None, None, None]


def test_map(tmp_path: Path) -> None:
    """A map turns source values into contract values; `otherwise` decides about the rest."""
    cell = {"column": "cell", "map": {"男": "M", "1": "M", "女": "F"}, "otherwise": "null"}
    assert landed(one_cell(tmp_path, "patient", "sex", cell, ["男", "1", "女", "未说明的"]), "patient", "sex") == [
        "M",
        "M",
        "F",
        None,
    ]


def test_map_keeps_what_it_does_not_list(tmp_path: Path) -> None:
    """With otherwise = "keep" a value that the map does not list stays as it is."""
    cell = {"column": "cell", "map": {"甲": "A"}, "otherwise": "keep"}
    assert landed(one_cell(tmp_path, "biomarker", "name", cell, ["甲", "PD-L1"]), "biomarker", "name") == ["A", "PD-L1"]


def test_phrases_take_the_first_hit(tmp_path: Path) -> None:
    """Phrases are tried in order, the first found gives the value, and none gives null."""
    cell = {"column": "cell", "phrases": [["腺鳞", "8560"], ["鳞", "8070"]]}
    values = ["食管中段鳞状细胞癌", "腺鳞癌, 中分化", "慢性炎症"]
    assert landed(one_cell(tmp_path, "pathology", "icdo_morphology", cell, values), "pathology", "icdo_morphology") == [
        "8070",
        "8560",
        None,
    ]


def test_pattern_and_remove(tmp_path: Path) -> None:
    """A pattern takes its first group, and removed texts vanish before a number is read."""
    cell = {"column": "cell", "pattern": r"([\d,.]+)\s*mg", "remove": [","]}
    hospital = one_cell(tmp_path, "drug_row", "dose", cell, ["1,200.5 mg", "12mg", "none"], **DRUG)
    assert [str(value) for value in landed(hospital, "drug_row", "dose")] == ["1200.5000", "12.0000", "None"]


DRUG: dict[str, object] = {"source_kind": {"constant": "ORDER"}, "raw_name": {"constant": "x"}}


def test_multiply(tmp_path: Path) -> None:
    """A factor turns one unit into another, exactly."""
    cell = {"column": "cell", "multiply": "0.01"}
    hospital = one_cell(tmp_path, "procedure", "dose_gy", cell, ["4500", "5040.5"], kind={"constant": "RT"})
    assert [str(value) for value in landed(hospital, "procedure", "dose_gy")] == ["45.0000", "50.4050"]


def test_take_first_and_join(tmp_path: Path) -> None:
    """Of several columns the first with a value is taken, or their values are joined; null tokens are no values."""
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "t": {"columns": ["pT", "cT"], "take": "first"},
        "system": {"columns": ["pT", "cT"], "join": "+"},
    }
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["file.csv"]}},
        [{"table": "stage", "feed": [{"source": "file", "columns": columns}]}],
    )
    hospital.deliver("2025-07-05", "file.csv", [["id", "pT", "cT"], ["1", "T3", "T2"], ["2", "-", "T1"], ["3", "", ""]])
    hospital.land()
    assert hospital.rows("stage", "source_row", "t", '"system"') == [
        (2, "T3", "T3+T2"),
        (3, "T1", "T1"),
        (4, None, None),
    ]


def test_repeat_skips_empty_groups(tmp_path: Path) -> None:
    """Repeated columns become one record for each group that holds anything, numbered in source_part."""
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "kind": {"constant": "SURGERY_CURATIVE"},
        "start_text": "手术日期{n}",
    }
    hospital = Hospital(
        tmp_path,
        {"file": {"files": ["file.csv"]}},
        [{"table": "procedure", "feed": [{"source": "file", "repeat": [1, 2, 3], "columns": columns}]}],
    )
    hospital.deliver(
        "2025-07-05",
        "file.csv",
        [["id", "手术日期1", "手术日期2"], ["1", "2024-01-02", "2024-02-03"], ["2", "", "2024-03-04"], ["3", "", ""]],
    )
    report = hospital.land()
    assert hospital.rows("procedure", "source_row", "start_text") == [
        (2, "2024-01-02"),
        (2, "2024-02-03"),
        (3, "2024-03-04"),
    ]
    assert len(set(hospital.rows("procedure", "source_row", "source_part"))) == 3
    (file,) = report.deliveries[0].files
    assert (file.read, file.used, file.skipped) == (3, 2, {"no feed's conditions hold": 1})


def test_explode(tmp_path: Path) -> None:
    """Several names in one cell become records of their own; an empty cell becomes none."""
    columns = {
        "patient_id": {"column": "id", "system": "HIS"},
        "source_kind": {"constant": "HISTORY"},
        "raw_name": "药品",
    }
    feed = {"source": "file", "explode": {"column": "药品", "separators": ["+", "/"]}, "columns": columns}
    hospital = Hospital(tmp_path, {"file": {"files": ["file.csv"]}}, [{"table": "drug_row", "feed": [feed]}])
    hospital.deliver("2025-07-05", "file.csv", [["id", "药品"], ["1", "紫杉醇 + 顺铂/"], ["2", "不详"]])
    report = hospital.land()
    assert hospital.rows("drug_row", "source_row", "source_part", "raw_name") == [(2, 1, "紫杉醇"), (2, 2, "顺铂")]
    assert report.deliveries[0].files[0].skipped == {"nothing in the cell to be split": 1}


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ({"column": "状态", "among": ["已执行"]}, [2]),
        ({"column": "状态", "not_among": ["已执行"]}, [3, 4]),
        ({"column": "状态", "present": True}, [2, 3]),
        ({"column": "状态", "present": False}, [4]),
        ({"column": "状态", "matches": "作废$"}, [3]),
    ],
)
def test_conditions(tmp_path: Path, condition: dict[str, object], taken: list[int]) -> None:
    """A feed takes the rows that meet its conditions, and the others are counted as skipped."""
    feed = {"source": "file", "when": [condition], "columns": {"patient_id": {"column": "id", "system": "HIS"}}}
    hospital = Hospital(tmp_path, {"file": {"files": ["file.csv"]}}, [{"table": "patient", "feed": [feed]}])
    hospital.deliver("2025-07-05", "file.csv", [["id", "状态"], ["1", "已执行"], ["2", "已作废"], ["3", ""]])
    report = hospital.land()
    assert [row for (row,) in hospital.rows("patient", "source_row")] == taken
    assert sum(report.deliveries[0].files[0].skipped.values()) == 3 - len(taken)


def test_one_file_feeds_several_tables_and_several_files_one(tmp_path: Path) -> None:
    """A file may feed several tables and a table may be fed by several files; each row leads back to its own."""
    hospital = Hospital(
        tmp_path,
        {"visits": {"files": ["visits_*.csv"]}},
        [
            {
                "table": "patient",
                "feed": [{"source": "visits", "columns": {"patient_id": {"column": "id", "system": "HIS"}}}],
            },
            {
                "table": "contact",
                "feed": [
                    {
                        "source": "visits",
                        "columns": {
                            "patient_id": {"column": "id", "system": "HIS"},
                            "date_text": "day",
                            "kind": {"constant": "OUTPATIENT_VISIT"},
                        },
                    }
                ],
            },
        ],
    )
    hospital.deliver("2025-07-05", "visits_1.csv", [["id", "day"], ["1", "2025-01-01"]])
    hospital.deliver("2025-07-05", "visits_2.csv", [["id", "day"], ["1", "2025-02-01"], ["2", "2025-02-02"]])
    report = hospital.land()
    assert hospital.rows("contact", "source_file", "source_row") == [
        ("visits_1.csv", 2),
        ("visits_2.csv", 2),
        ("visits_2.csv", 3),
    ]
    assert hospital.rows("patient", "source_file", "source_row") == [("visits_1.csv", 2), ("visits_2.csv", 3)]
    assert [(table.table, table.emitted, table.duplicates) for table in report.deliveries[0].tables] == [
        ("patient", 3, 1),
        ("contact", 3, 0),
    ]


def test_days_from_anchor(tmp_path: Path) -> None:
    """Days from an event become dates at the same distance from the anchor, backwards too."""
    cell = {"column": "cell", "date": "days_from_anchor"}
    hospital = one_cell(
        tmp_path, "death", "date_text", cell, ["0", "784", "-1", "31.0"], source={"constant": "HOSPITAL"}
    )
    hospital.calendar = {"calendar": "relative", "anchor": "2000-01-01"}
    assert landed(hospital, "death", "date_text") == ["2000-01-01", "2002-02-23", "1999-12-31", "2000-02-01"]


def test_month_drops_the_day(tmp_path: Path) -> None:
    """A date of birth keeps year and month; the day is nowhere in the lake."""
    hospital = patients_of(tmp_path, {"birth_ym": "birth"})
    hospital.deliver(
        "2025-07-05", "patients.csv", [["id", "birth"], ["1", "1958-03-17"], ["2", "1960年2月"], ["3", "1961"]]
    )
    hospital.land()
    assert hospital.rows("patient", "source_row", "birth_ym") == [(2, "1958-03"), (3, "1960-02"), (4, "1961")]


def test_column_that_occurs_twice_can_be_named(tmp_path: Path) -> None:
    """Of two columns of one name a mapping takes name#1 or name#2; the plain name is refused with that advice."""
    rows = [["id", "值", "值"], ["1", "a", "b"]]
    second = Hospital(tmp_path / "second", {"file": {"files": ["f.csv"]}}, [_biomarker("值#2")])
    second.deliver("2025-07-05", "f.csv", rows)
    second.land()
    assert second.rows("biomarker", "value_text") == [("b",)]
    plain = Hospital(tmp_path / "plain", {"file": {"files": ["f.csv"]}}, [_biomarker("值")])
    plain.deliver("2025-07-05", "f.csv", rows)
    assert "值#1 or 值#2" in plain.land().problems[0]


def _biomarker(column: str) -> dict[str, object]:
    columns = {"patient_id": {"column": "id", "system": "HIS"}, "name": {"constant": "x"}, "value_text": column}
    return {"table": "biomarker", "feed": [{"source": "file", "columns": columns}]}
