"""A registry's own endpoints as a protocol file: those of the TCGA clinical data resource, from diagnosis on."""

from datetime import date
from pathlib import Path

import pytest

from tests.rules import harness

STUDY = (Path(__file__).parent / "studies" / "tcga_cdr.toml").read_text(encoding="utf-8")

# Days after the diagnosis: (seen alive, new tumour event, death, tumour status at death, first drug).
COURSES: dict[str, dict[str, object]] = {
    "alive_without_event": {"seen": 900},
    "alive_after_a_recurrence": {"seen": 900, "event": 400},
    "died_with_tumour": {"seen": 500, "death": 600, "status": "WITH TUMOR"},
    "recurred_and_died_with_tumour": {"seen": 500, "event": 300, "death": 600, "status": "WITH TUMOR"},
    "died_tumour_free": {"seen": 500, "death": 600, "status": "TUMOR FREE"},
    "died_of_unknown_status": {"seen": 500, "death": 600, "status": "[Not Available]"},
    "recurred_and_died_of_unknown_status": {"seen": 500, "event": 300, "death": 600, "status": None},
    "progressed_before_the_first_line": {"seen": 900, "event": 50, "drug": 100},
    "progressed_before_and_in_the_first_line": {"seen": 900, "event": 50, "drug": 100, "later_event": 250},
}

EXPECTED = [
    ("alive_without_event", "OS", (900, 1)),
    ("alive_without_event", "DSS", (900, 1)),
    ("alive_without_event", "PFI", (900, 1)),
    ("alive_after_a_recurrence", "DSS", (900, 1)),
    ("alive_after_a_recurrence", "PFI", (400, 0)),
    ("died_with_tumour", "OS", (600, 0)),
    ("died_with_tumour", "DSS", (600, 0)),
    ("died_with_tumour", "PFI", (600, 0)),
    ("recurred_and_died_with_tumour", "DSS", (600, 0)),
    ("recurred_and_died_with_tumour", "PFI", (300, 0)),
    ("died_tumour_free", "OS", (600, 0)),
    ("died_tumour_free", "DSS", (600, 9)),
    ("died_tumour_free", "PFI", (600, 9)),
    ("died_of_unknown_status", "OS", (600, 0)),
    ("died_of_unknown_status", "DSS", None),
    ("died_of_unknown_status", "PFI", (600, 9)),
    ("recurred_and_died_of_unknown_status", "PFI", (300, 0)),
    ("progressed_before_the_first_line", "PFI", (50, 0)),
    ("progressed_before_the_first_line", "PFSLINE", (800, 1)),
    ("progressed_before_and_in_the_first_line", "PFSLINE", (150, 0)),
    ("alive_without_event", "PFSLINE", None),
]


def _lake() -> dict[str, list[harness.Row]]:
    lake: dict[str, list[harness.Row]] = {name: [] for name in ("disease_event", "contact", "death", "drug_row")}

    def on(days: object) -> str:
        return date.fromordinal(date(2010, 1, 1).toordinal() + int(str(days))).isoformat()

    for case, course in COURSES.items():
        who = {"patient_id": case}
        lake["disease_event"].append({**who, "event": "DX", "event_date_text": on(0)})
        for event in ("event", "later_event"):
            if event in course:
                lake["disease_event"].append({**who, "event": "RECURRENCE", "event_date_text": on(course[event])})
        lake["contact"].append({**who, "date_text": on(course["seen"]), "kind": "OUTPATIENT_VISIT"})
        if "death" in course:
            told = {"source": "HOSPITAL", "date_text": on(course["death"]), "cause": course["status"]}
            lake["death"].append({**who, **told})
        if "drug" in course:
            infusion = {"source_kind": "ADMIN", "raw_name": "paclitaxel", "route": "IV"}
            lake["drug_row"].append({**who, **infusion, "start_text": on(course["drug"])})
    return lake


@pytest.fixture(scope="module")
def times() -> dict[tuple[str, str], tuple[int, int]]:
    """Days and code by case and endpoint."""
    names = {harness.patient_key(case): case for case in COURSES}
    with harness.run_models(
        "+adtte +survival_times", lake=_lake(), protocols=[STUDY], calendar="relative"
    ) as connection:
        found = connection.execute(
            "select patient_key, paramcd, aval_days, cnsr from warehouse.marts.survival_times"
        ).fetchall()
    return {(names[key], paramcd): (days, cnsr) for key, paramcd, days, cnsr in found}


@pytest.mark.parametrize(("case", "endpoint", "expected"), EXPECTED)
def test_a_registry_defines_its_endpoints_in_a_file(
    times: dict[tuple[str, str], tuple[int, int]], case: str, endpoint: str, expected: tuple[int, int] | None
) -> None:
    """OS, DSS and PFI come out as the registry defines them; a clock at the first line knows only what follows it."""
    assert times.get((case, endpoint)) == expected
