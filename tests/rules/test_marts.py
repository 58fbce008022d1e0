"""What analysts read: marts, ADaM and quality tables of several studies at once, from whole records."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.rules import harness

SHIPPED = (
    (harness.ROOT / "studies" / "anlotinib_pd1_escc.toml").read_text(encoding="utf-8").partition("[[variants]]")[0]
)
FROM_DIAGNOSIS = (harness.ROOT / "studies" / "tcga_esca.toml").read_text(encoding="utf-8")
SECOND_LINE = """
[study]
id = "second_line_pd1"
title = "Any PD-1 antibody as second line"

[cutoff]
latest_extract = true

[index]
type = "line_start"
line_no_min = 2
line_no_max = 2

[[index.components]]
name = "pd1"
label = "PD-1 antibody"
classes = ["PD1"]

[[criteria]]
id = "I1"
kind = "inclusion"
label = "PD-1 antibody as second line"
unknown_policy = "exclude"
conditions = [{ type = "index_found" }, { type = "line_number", min = 2, max = 2 }]

[analysis]
endpoints = [{ paramcd = "TTNT", label = "Time to next therapy" }, { paramcd = "OS", label = "Overall survival" }]
response = false
"""

Row = Mapping[str, object]


def _drug(patient: str, name: str, day: str, **columns: object) -> Row:
    plain = {"source_kind": "ADMIN", "route": "IV"}
    return {"patient_id": patient, "raw_name": name, "start_text": day, **plain, **columns}


def _anlotinib(patient: str, day: str) -> Row:
    supply: dict[str, object] = {"raw_spec": "12mg", "qty": 14, "units_per_day": 1, "dispense_setting": "OUTPATIENT"}
    return _drug(patient, "anlotinib", day, source_kind="DISPENSE", route="PO", **supply)


COMBINED = "combined_after_chemotherapy"
MONOTHERAPY = "pd1_alone_after_chemotherapy"
UNKNOWN_TO_ALL = "registered_and_nothing_else"

LAKE: dict[str, list[Row]] = {
    "patient": [
        {"patient_id": COMBINED, "sex": "M", "birth_ym": "1960-05"},
        {"patient_id": MONOTHERAPY, "sex": "F", "birth_ym": "1950-01"},
        {"patient_id": UNKNOWN_TO_ALL},
    ],
    "pathology": [
        {
            "patient_id": COMBINED,
            "path_date": "2022-06-01",
            "site_icdo": "C15.4",
            "icdo_morphology": "8070",
            "behaviour": "3",
        }
    ],
    "disease_event": [
        {
            "patient_id": patient,
            "event": "M1",
            "event_date_text": "2022-12-01",
            "organ": "LIVER",
            "is_distant": "Y",
        }
        for patient in (COMBINED, MONOTHERAPY)
    ],
    "ecog": [{"patient_id": COMBINED, "specimen_date": "2023-05-18", "test": "ECOG", "value": 1}],
    "stage": [{"patient_id": COMBINED, "stage_date": "2022-12-01", "stage_group": "IVB"}],
    "diagnosis": [{"patient_id": COMBINED, "date_text": "2022-06-01", "code": "C15.4", "kind": "PRIMARY"}],
    "drug_row": [
        _drug(COMBINED, "carboplatin", "2023-01-10"),
        _drug(COMBINED, "camrelizumab", "2023-01-10"),
        _anlotinib(COMBINED, "2023-05-20"),
        _drug(COMBINED, "tislelizumab", "2023-05-20"),
        _drug(COMBINED, "irinotecan", "2023-09-01"),
        _drug(MONOTHERAPY, "carboplatin", "2023-01-10"),
        _drug(MONOTHERAPY, "tislelizumab", "2023-05-20"),
        _drug(MONOTHERAPY, "someunknownium", "2023-05-21"),
    ],
    "response": [
        {"patient_id": patient, "reader": "INV", "response_date": day, "response": seen}
        for patient in (COMBINED, MONOTHERAPY)
        for day, seen in (("2023-04-20", "PD"), ("2023-07-10", "PR"), ("2023-08-25", "PD"))
    ],
    "procedure": [{"patient_id": MONOTHERAPY, "kind": "STENT", "start_text": "2022-12-15"}],
    "contact": [{"patient_id": COMBINED, "date_text": "2024-02-01", "kind": "OUTPATIENT_VISIT"}],
    "death": [{"patient_id": MONOTHERAPY, "source": "HOSPITAL", "date_text": "2023-12-31"}],
}


@pytest.fixture(scope="module")
def warehouse() -> duckdb.DuckDBPyConnection:
    """Three studies over three patients, in one run."""
    select = "+path:models/marts +path:models/adam +path:models/quality +path:models/meta"
    return harness.run_models(select, lake=LAKE, protocols=[SHIPPED, FROM_DIAGNOSIS, SECOND_LINE])


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_several_studies_screen_everybody_and_include_their_own(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Each study screens all three patients; the combination includes one, the second line both, diagnosis nobody."""
    found = _rows(
        warehouse,
        "select study_id, count(*), count(*) filter (where is_included) from warehouse.marts.study_cohort"
        " group by 1 order by 1",
    )
    assert found == [("anlotinib_pd1_escc", 3, 1), ("second_line_pd1", 3, 2), ("tcga_esca", 3, 0)]


def test_the_index_line_is_described(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The index line carries its number, its drugs, the lines before it, and no extra agents."""
    found = _rows(
        warehouse,
        "select index_date, index_line_no, index_regimen, prior_lines, has_extra_agents"
        " from warehouse.marts.study_cohort where is_included and study_id = 'anlotinib_pd1_escc'",
    )
    assert found == [(date(2023, 5, 20), 2, "anlotinib + tislelizumab", 1, False)]


def test_a_living_study_is_cut_at_the_newest_extract(warehouse: duckdb.DuckDBPyConnection) -> None:
    """latest_extract takes the centre's newest extract date, a finished study its own date."""
    found = dict(_rows(warehouse, "select study_id, data_cutoff from warehouse.meta.cutoffs"))
    assert found["second_line_pd1"] == harness.EXTRACT_DATE
    assert found["anlotinib_pd1_escc"] == date(2025, 7, 5)


def test_a_study_without_patients_still_has_its_flowchart(warehouse: duckdb.DuckDBPyConnection) -> None:
    """With nobody included every step stands with its counts, and the tables of included patients stay empty."""
    steps = _rows(
        warehouse, "select n_in, n_not_met, n_out from warehouse.marts.attrition where study_id = 'tcga_esca'"
    )
    assert steps == [(3, 3, 0)]
    times = _rows(warehouse, "select * from warehouse.marts.survival_times where study_id = 'tcga_esca'")
    assert times == []


def test_covariates_keep_a_row_for_every_characteristic(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Table 1's values and levels, from drug names, dates and codes; what nobody recorded keeps an empty row."""
    found = dict(
        _rows(
            warehouse, "select covariate, level from warehouse.marts.covariates where study_id = 'anlotinib_pd1_escc'"
        )
    )
    assert found == {
        "age": "≤ 63",
        "sex": "Male",
        "ecog": "1–2",
        "primary_site": "Middle",
        "prior_surgery": "No",
        "prior_lines": "1",
        "second_line": "Second",
        "prior_ici": "Yes",
        "prior_taxane": "No",
        "prior_platinum": "Yes",
        "prior_targeted": "No",
        "met_sites": "≤ 3",
        "radiotherapy": "No",
        "anlotinib_dose": "12",
        "pd1_agent": "Tislelizumab",
    }


def test_rechallenge_is_seen_from_the_raw_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Camrelizumab before progression, tislelizumab at index: a switch, 130 days after the last dose."""
    found = _rows(
        warehouse,
        "select ici_class, tfi_days, conforms_protocol from warehouse.marts.treatment_free_intervals"
        " where study_id = 'anlotinib_pd1_escc'",
    )
    assert found == [("RECHALLENGE_SWITCH", 130, "U")]


def test_adam_holds_the_primary_analysis(warehouse: duckdb.DuckDBPyConnection) -> None:
    """ADSL and ADTTE hold the included subjects of every study, with CNSR 0 for events."""
    subjects = _rows(
        warehouse, "select studyid, age, sex, trt01a, dthfl from warehouse.adam.adsl order by studyid, age"
    )
    assert subjects == [
        ("anlotinib_pd1_escc", 63, "M", "anlotinib + tislelizumab", "N"),
        ("second_line_pd1", 63, "M", "anlotinib + tislelizumab", "N"),
        ("second_line_pd1", 73, "F", "tislelizumab", "Y"),
    ]
    times = _rows(
        warehouse,
        "select studyid, paramcd, avaldy, cnsr, evntdesc from warehouse.adam.adtte order by studyid, paramcd, avaldy",
    )
    assert times == [
        ("anlotinib_pd1_escc", "DOR", 47, 0, "PROGRESSION"),
        ("anlotinib_pd1_escc", "OS", 258, 1, "LAST KNOWN ALIVE"),
        ("anlotinib_pd1_escc", "PFS", 98, 0, "PROGRESSION"),
        ("anlotinib_pd1_escc", "TTP", 98, 0, "PROGRESSION"),
        ("anlotinib_pd1_escc", "TTR", 52, 0, "FIRST RESPONSE"),
        ("second_line_pd1", "OS", 226, 0, "DEATH"),
        ("second_line_pd1", "OS", 258, 1, "LAST KNOWN ALIVE"),
        ("second_line_pd1", "TTNT", 105, 0, "NEXT THERAPY"),
        ("second_line_pd1", "TTNT", 226, 0, "DEATH"),
    ]


@pytest.mark.parametrize("table", ["survival_times", "event_dates", "best_response", "treatment_free_intervals"])
def test_every_derived_row_leads_back_to_the_extract(warehouse: duckdb.DuckDBPyConnection, table: str) -> None:
    """Each time, event, response and interval names the file and the physical row that it came from."""
    assert _rows(warehouse, f"select * from warehouse.marts.{table}")
    homeless = f"select * from warehouse.marts.{table} where (source_file is null or source_row is null)"
    if table == "treatment_free_intervals":
        homeless += " and prior_ici <> 'N'"
    assert _rows(warehouse, homeless) == []


def test_every_published_column_says_what_it_is(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Any SQL client shows the description of each published table and column."""
    silent = _rows(
        warehouse,
        "select schema_name, table_name, column_name from duckdb_columns()"
        " where database_name = 'warehouse' and schema_name <> 'information_schema' and coalesce(comment, '') = ''",
    )
    assert silent == []


def test_names_that_nobody_knows_are_listed(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A drug name that matches nothing stands in the review list and under DQ007 with its denominator."""
    assert _rows(warehouse, "select raw_name, n_rows from warehouse.quality.unresolved_drugs") == [
        ("someunknownium", 1)
    ]
    found = _rows(warehouse, "select n_rows, n_fail, pct from warehouse.quality.checks where check_id = 'DQ007'")
    assert found == [(8, 1, 12.5)]


def test_blocking_checks_pass_and_are_counted(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The checks that stop a build stand in quality.checks with the rows that they looked at."""
    found = _rows(
        warehouse,
        "select check_id, sum(n_rows) > 0, sum(n_fail) from warehouse.quality.checks"
        " where check_id in ('DQ020', 'DQ021', 'DQ022', 'DQ023', 'DQ073') group by check_id order by 1",
    )
    assert found == [(check, True, 0) for check in ("DQ020", "DQ021", "DQ022", "DQ023", "DQ073")]


def test_a_source_without_a_calendar_has_no_cutoff_and_gives_its_age() -> None:
    """From diagnosis on relative days: age as given, nothing cut, PFS censored at the last contact as asked."""
    connection = harness.run_models(
        "+adtte +adsl",
        lake={
            "patient": [
                {"patient_id": "progressed", "sex": "F", "age_at_diagnosis": 70},
                {"patient_id": "alive", "sex": "M"},
            ],
            "disease_event": [
                {"patient_id": "progressed", "event": "DX", "event_date_text": "2000-01-01"},
                {"patient_id": "progressed", "event": "RECURRENCE", "event_date_text": "2000-07-19", "is_distant": "Y"},
                {"patient_id": "alive", "event": "DX", "event_date_text": "2000-01-01"},
            ],
            "contact": [
                {"patient_id": "alive", "date_text": "2040-01-01", "kind": "OUTPATIENT_VISIT"},
                {"patient_id": "progressed", "date_text": "2000-03-01", "kind": "OUTPATIENT_VISIT"},
            ],
        },
        protocols=[FROM_DIAGNOSIS],
        calendar="relative",
    )
    times = _rows(
        connection,
        "select subjid, paramcd, adt, cnsr from warehouse.adam.adtte join warehouse.adam.adsl using (usubjid)",
    )
    progressed, alive = harness.patient_key("progressed"), harness.patient_key("alive")
    assert sorted(times) == sorted(
        [
            (progressed, "PFS", date(2000, 7, 19), 0),
            (progressed, "OS", date(2000, 7, 19), 1),
            (alive, "PFS", date(2040, 1, 1), 1),
            (alive, "OS", date(2040, 1, 1), 1),
        ]
    )
    assert sorted(_rows(connection, "select age, dcutdt from warehouse.adam.adsl"), key=str) == [
        (70, None),
        (None, None),
    ]
