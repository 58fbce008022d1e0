"""Every endpoint under every parameter: the shipped SQL against the reference, several studies in one batch."""

from collections.abc import Iterator, Mapping

import duckdb
import pytest

from tests.generated.comparison import books, lake_of, patient_name
from tests.generated.drawing import drawn, patients_wanted
from tests.generated.followed import FollowedReading, followed_histories
from tests.generated.histories import EXTRACTED, History
from tests.rules import harness, survival_courses

STANDARD = ("OS", "PFS", "PFSFDA", "PFSCLIN", "PFSCOMP", "TTP", "TTNT", "TTD", "TTF", "DOR", "TTR")
COMPONENTS = {"TTDANLO": "anlotinib", "TTDPD1": "pd1"}
OWN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "PFSCEN": ("PFS", {"pfs_nact": "CENSOR"}),
    "PFSSTART": ("PFS", {"pfs_nact": "CENSOR", "pfs_nact_censor_at": "NACT_START"}),
    "PFSTIE": ("PFS", {"pfs_nact": "CENSOR", "pfs_nact_tie": "CENSOR"}),
    "PFSALIVE": ("PFS", {"pfs_censor_at": "LAST_ALIVE"}),
    "PFSDOC": ("PFS", {"pd_source": "CLINICIAN"}),
    "PFSBOTH": ("PFS", {"pd_source": "BOTH"}),
    "PFSTUM": ("PFS", {"death_event": "WITH_TUMOUR"}),
    "PFSTUMN": ("PFS", {"death_event": "WITH_TUMOUR", "death_cause_unknown": "WITHOUT_TUMOUR"}),
    "PFSTUMU": ("PFS", {"death_event": "WITH_TUMOUR", "death_cause_unknown": "UNKNOWN"}),
    "PFSMISS": ("PFS", {"pfs_missed_assessments": "CENSOR", "assess_interval_days": "42"}),
    "PFSBASE": ("PFS", {"pfs_no_baseline": "CENSOR"}),
    "PFSLINE": ("PFSFDA", {"tte_start": "LINE", "pd_source": "EITHER"}),
    "OSDX": ("OS", {"tte_start": "DIAGNOSIS"}),
    "DSS": ("OS", {"death_event": "WITH_TUMOUR"}),
    "TTNTSAME": ("TTNT", {"ttnt_scope": "SAME_CANCER"}),
    "TTPCEN": ("TTP", {"pfs_nact": "CENSOR", "pfs_censor_at": "LAST_ALIVE"}),
    "DORFDA": ("DOR", {"pfs_nact": "CENSOR", "pfs_missed_assessments": "CENSOR", "pfs_no_baseline": "CENSOR"}),
    "TTFDOC": ("TTF", {"pd_source": "CLINICIAN"}),
}
STUDIES: Mapping[str, Mapping[str, str]] = {
    "defaults": {},
    "regulatory": {
        "pfs_primary": "fda",
        "pd_source": "EITHER",
        "nact_bone_rt_counts": "Y",
        "activity_after_death_days": "3",
        "tte_add_one": "0",
        "oral_grace_days": "14",
        "registry_complete_to": "2025-06-30",
        "assess_window_days": "7",
    },
    "composite": {
        "pfs_primary": "composite",
        "pfs_censor_at": "LAST_ALIVE",
        "clinical_pd_counts": "Y",
        "nact_procedures": "SURGERY_CURATIVE|RT|ABLATION",
        "tte_start": "LINE",
        "ttnt_scope": "SAME_CANCER",
        "death_event": "WITH_TUMOUR",
        "pfs_nact_tie": "CENSOR",
    },
}
PATIENTS = 1500

Answer = tuple[object, ...]


def _protocol(name: str) -> str:
    own = [
        f'{{ paramcd = "{code}", label = "{code}", base = "{base}", parameters = {{ '
        + ", ".join(f'{parameter} = "{value}"' for parameter, value in values.items())
        + " } }"
        for code, (base, values) in OWN.items()
    ]
    return survival_courses.study(name, (*STANDARD, *COMPONENTS, *own), STUDIES[name])


@pytest.fixture(scope="module")
def histories() -> list[History]:
    return drawn(followed_histories(), patients_wanted(PATIENTS))


@pytest.fixture(scope="module")
def warehouse(histories: list[History]) -> Iterator[duckdb.DuckDBPyConnection]:
    """All studies over all patients, in one run."""
    protocols = [_protocol(name) for name in STUDIES]
    with harness.run_models(
        "+survival_times", lake=lake_of(histories), protocols=protocols, extract_date=EXTRACTED
    ) as connection:
        yield connection


def _sql(connection: duckdb.DuckDBPyConnection, study: str) -> dict[str, dict[str, Answer]]:
    rows = connection.execute(
        "select patient_key, paramcd, start_date, end_date, cnsr, evntdesc, aval_days "
        "from warehouse.marts.survival_times where study_id = ?",
        [study],
    ).fetchall()
    found: dict[str, dict[str, Answer]] = {}
    for patient_key, paramcd, *answer in rows:
        found.setdefault(patient_key, {})[paramcd] = tuple(answer)
    return found


def _reference(reading: FollowedReading) -> dict[str, Answer]:
    asked: dict[str, tuple[str, Mapping[str, str], str]] = {code: (code, {}, "") for code in STANDARD}
    asked |= {code: ("TTD", {}, component) for code, component in COMPONENTS.items()}
    asked |= {code: (base, values, "") for code, (base, values) in OWN.items()}
    rows = [reading.endpoints.row(code, *meaning) for code, meaning in asked.items()]
    return {r.paramcd: (r.start, r.end, r.cnsr, r.description, r.aval_days) for r in rows if r}


@pytest.mark.parametrize("study", STUDIES)
def test_sql_and_reference_agree_on_every_endpoint(
    study: str, histories: list[History], warehouse: duckdb.DuckDBPyConnection
) -> None:
    """Two readings of R6, written apart, give every patient the same times, codes and words under each definition."""
    found, known = _sql(warehouse, study), books(STUDIES[study])
    differing: list[str] = []
    for number, history in enumerate(histories):
        reading = FollowedReading(history, known)
        sql = found.get(harness.patient_key(patient_name(history, number)), {})
        reference = _reference(reading) if reading.is_included else {}
        if told := _difference(sql, reference):
            differing.append(f"{told}\n{history}")
    assert not differing, f"{len(differing)} of {len(histories)} differ, the smallest:\n{min(differing, key=len)}"


def _difference(sql: dict[str, Answer], reference: dict[str, Answer]) -> str:
    codes = [code for code in sorted({*sql, *reference}) if sql.get(code) != reference.get(code)]
    return "\n".join(f"{code}: SQL {sql.get(code)}, reference {reference.get(code)}" for code in codes)
