"""Every parameter of an endpoint (rule R6.2): both sides of each value, for one endpoint and for a whole study."""

import pytest

from tests.rules import harness, survival_courses
from tests.rules.survival_courses import Course, Times, study


def own(code: str, base: str, **parameters: str) -> str:
    """An endpoint of the study's own, as it stands in a protocol file."""
    values = ", ".join(f'{name} = "{value}"' for name, value in parameters.items())
    return f'{{ paramcd = "{code}", label = "{code}", base = "{base}", parameters = {{ {values} }} }}'


OWN = (
    own("PFSCEN", "PFS", pfs_nact="CENSOR"),
    own("PFSNACT", "PFS", pfs_nact="CENSOR", pfs_nact_censor_at="NACT_START"),
    own("PFSTIE", "PFS", pfs_nact="CENSOR", pfs_nact_tie="CENSOR"),
    own("PFSALIVE", "PFS", pfs_censor_at="LAST_ALIVE"),
    own("PFSDOC", "PFS", pd_source="CLINICIAN"),
    own("PFSEITH", "PFS", pd_source="EITHER"),
    own("PFSBOTH", "PFS", pd_source="BOTH"),
    own("PFSCPD", "PFS", clinical_pd_counts="Y"),
    own("PFSTUM", "PFS", death_event="WITH_TUMOUR"),
    own("PFSTUMN", "PFS", death_event="WITH_TUMOUR", death_cause_unknown="WITHOUT_TUMOUR"),
    own("PFSTUMU", "PFS", death_event="WITH_TUMOUR", death_cause_unknown="UNKNOWN"),
    own("PFSMISS", "PFS", pfs_missed_assessments="CENSOR"),
    own("PFSMISS6", "PFS", pfs_missed_assessments="CENSOR", assess_interval_days="42", assess_window_days="7"),
    own("PFSBASE", "PFS", pfs_no_baseline="CENSOR"),
    own("PFSLINE", "PFS", tte_start="LINE"),
    own("OSDX", "OS", tte_start="DIAGNOSIS"),
    own("TTNTSAME", "TTNT", ttnt_scope="SAME_CANCER"),
    own("DORCEN", "DOR", pfs_nact="CENSOR"),
    own("TTPALIVE", "TTP", pfs_censor_at="LAST_ALIVE"),
    own("TTPCEN", "TTP", pfs_nact="CENSOR"),
    own("DSS", "OS", death_event="WITH_TUMOUR"),
    '{ paramcd = "TTDX", label = "TTDX", base = "TTD", component = "anlotinib" }',
)
STANDARD = ("OS", "PFS", "PFSFDA", "PFSCLIN", "PFSCOMP", "TTP", "TTNT", "TTF", "DOR")
PRIMARY = study("primary_rules", (*STANDARD, "TTDANLO", *OWN))
FDA = study("fda_primary", STANDARD, {"pfs_primary": "fda"})
COMPOSITE = study("composite_primary", STANDARD, {"pfs_primary": "composite"})
CLINICIAN = study("clinician_decides", STANDARD, {"pd_source": "CLINICIAN"})
BONE_COUNTS = study("bone_radiotherapy_counts", STANDARD, {"nact_bone_rt_counts": "Y"})
ABLATION_COUNTS = study("ablation_counts", STANDARD, {"nact_procedures": "SURGERY_CURATIVE|RT|ABLATION"})
REGISTRY = study("registry_complete", STANDARD, {"registry_complete_to": "2025-06-30"})
REGISTRY_OF_B = study(
    "registry_of_one_centre", STANDARD, {"registry_complete_to": "centre_b=2025-06-30;centre_c=2025-01-01"}
)
STUDIES = (PRIMARY, FDA, COMPOSITE, CLINICIAN, BONE_COUNTS, ABLATION_COUNTS, REGISTRY, REGISTRY_OF_B)

STABLE = (("2024-02-15", "SD"), ("2024-04-01", "SD"))
COURSES = {
    "switched_then_progressed": Course(assessments=(*STABLE, ("2024-07-01", "PD")), new_drug="2024-04-20"),
    "switched_on_the_day_of_progression": Course(assessments=(*STABLE, ("2024-07-01", "PD")), new_drug="2024-07-01"),
    "switched_and_never_progressed": Course(assessments=STABLE, new_drug="2024-04-20", last_visit="2024-09-01"),
    "stable_and_seen_later": Course(assessments=STABLE, last_visit="2024-09-01"),
    "imaging_then_clinician": Course(assessments=(*STABLE, ("2024-05-01", "PD")), clinical_progression="2024-06-01"),
    "clinician_then_imaging": Course(assessments=(*STABLE, ("2024-06-01", "PD")), clinical_progression="2024-05-01"),
    "clinician_only": Course(assessments=STABLE, clinical_progression="2024-05-01", last_visit="2024-09-01"),
    "died_with_tumour": Course(assessments=STABLE, deaths=(("REGISTRY", "2024-06-01", "Cancer"),)),
    "died_without_tumour": Course(assessments=STABLE, deaths=(("REGISTRY", "2024-06-01", "I21.9"),)),
    "died_of_something": Course(assessments=STABLE, deaths=(("REGISTRY", "2024-06-01"),)),
    "cause_known_to_the_hospital_only": Course(
        assessments=STABLE, deaths=(("REGISTRY", "2024-06-01"), ("HOSPITAL", "2024-06-01", "C15.4"))
    ),
    "progressed_before_a_death_of_something": Course(
        assessments=(*STABLE, ("2024-05-01", "PD")), deaths=(("REGISTRY", "2024-06-01"),)
    ),
    "progressed_91_days_after_a_scan": Course(assessments=(("2024-02-15", "SD"), ("2024-05-16", "PD"))),
    "progressed_92_days_after_a_scan": Course(assessments=(("2024-02-15", "SD"), ("2024-05-17", "PD"))),
    "progressed_127_days_after_a_scan": Course(assessments=(("2024-02-15", "SD"), ("2024-06-21", "PD"))),
    "without_baseline_and_progressed": Course(
        baseline_scan=False, assessments=(("2024-02-15", "SD"), ("2024-05-01", "PD"))
    ),
    "without_baseline_progressed_and_died_early": Course(
        baseline_scan=False, assessments=(("2024-03-01", "PD"),), deaths=(("REGISTRY", "2024-04-01", "Cancer"),)
    ),
    "line_began_before_the_index": Course(assessments=STABLE, line_start="2023-12-10", diagnosis="2023-06-15"),
    "diagnosed_in_a_month": Course(last_visit="2024-09-01", diagnosis="2023-06"),
    "diagnosed_after_the_index": Course(last_visit="2024-09-01", diagnosis="2024-02-01"),
    "next_line_for_a_second_primary": Course(
        new_drug="2024-05-01", second_primary="2024-04-01", last_visit="2024-09-01"
    ),
    "next_line_after_progression_and_a_second_primary": Course(
        assessments=(("2024-04-20", "PD"),), new_drug="2024-05-01", second_primary="2024-04-01"
    ),
    "second_primary_after_the_next_line": Course(new_drug="2024-05-01", second_primary="2024-05-02"),
    "responded_then_switched": Course(
        assessments=(("2024-02-15", "PR"), ("2024-04-01", "PR"), ("2024-07-01", "PD")), new_drug="2024-04-20"
    ),
    "bone_irradiated": Course(assessments=STABLE, procedure=("2024-03-01", "RT", "BONE", "PALLIATIVE")),
    "bone_irradiated_after_clinical_progression": Course(
        assessments=STABLE,
        procedure=("2024-03-01", "RT", "BONE", "PALLIATIVE"),
        clinical_progression="2024-03-01",
    ),
    "lung_irradiated": Course(assessments=STABLE, procedure=("2024-03-01", "RT", "LUNG", "PALLIATIVE")),
    "resected": Course(assessments=STABLE, procedure=("2024-03-01", "SURGERY_CURATIVE", "LUNG", "CURATIVE")),
    "ablated": Course(assessments=STABLE, procedure=("2024-03-01", "ABLATION", "LIVER", "PALLIATIVE")),
    "stented": Course(assessments=STABLE, procedure=("2024-03-01", "STENT", "ESOPHAGUS", "PALLIATIVE")),
    "in_no_death_record": Course(last_visit="2024-09-01"),
    "in_no_death_record_of_centre_b": Course(last_visit="2024-09-01", centre_id="centre_b"),
    "died_by_the_registry_later": Course(last_visit="2024-09-01", deaths=(("REGISTRY", "2025-08-01"),)),
    "dead_at_an_unknown_time": Course(last_visit="2024-09-01", deaths=(("FAMILY", None),)),
    "treated_long": Course(last_dose="2024-03-01", is_stopped=True),
}


@pytest.fixture(scope="module")
def times() -> Times:
    """One run over all courses for all studies."""
    return survival_courses.run(COURSES, STUDIES, survival_courses.lake(COURSES))


Expected = tuple[str, int] | None


@pytest.mark.parametrize(
    ("case", "endpoint", "expected"),
    [
        ("switched_then_progressed", "PFS", ("2024-07-01", 0)),
        ("switched_then_progressed", "PFSCEN", ("2024-04-01", 3)),
        ("switched_then_progressed", "PFSNACT", ("2024-04-20", 3)),
        ("switched_then_progressed", "PFSCOMP", ("2024-04-20", 0)),
        ("switched_then_progressed", "TTP", ("2024-07-01", 0)),
        ("switched_then_progressed", "TTPCEN", ("2024-04-01", 3)),
        ("switched_then_progressed", "TTF", ("2024-01-01", 0)),
        ("switched_on_the_day_of_progression", "PFSCEN", ("2024-07-01", 0)),
        ("switched_on_the_day_of_progression", "PFSTIE", ("2024-04-01", 3)),
        ("switched_and_never_progressed", "PFS", ("2024-04-01", 1)),
        ("switched_and_never_progressed", "PFSCEN", ("2024-04-01", 3)),
        ("switched_and_never_progressed", "PFSNACT", ("2024-04-20", 3)),
        ("switched_and_never_progressed", "PFSCOMP", ("2024-04-20", 0)),
        ("stable_and_seen_later", "PFS", ("2024-04-01", 1)),
        ("stable_and_seen_later", "PFSALIVE", ("2024-09-01", 1)),
        ("stable_and_seen_later", "TTPALIVE", ("2024-09-01", 1)),
        ("stable_and_seen_later", "PFSCEN", ("2024-04-01", 1)),
        ("imaging_then_clinician", "PFS", ("2024-05-01", 0)),
        ("imaging_then_clinician", "PFSDOC", ("2024-06-01", 0)),
        ("imaging_then_clinician", "PFSEITH", ("2024-05-01", 0)),
        ("imaging_then_clinician", "PFSBOTH", ("2024-06-01", 0)),
        ("clinician_then_imaging", "PFS", ("2024-06-01", 0)),
        ("clinician_then_imaging", "PFSDOC", ("2024-05-01", 0)),
        ("clinician_then_imaging", "PFSEITH", ("2024-05-01", 0)),
        ("clinician_then_imaging", "PFSCPD", ("2024-05-01", 0)),
        ("clinician_then_imaging", "PFSCLIN", ("2024-05-01", 0)),
        ("clinician_then_imaging", "PFSBOTH", ("2024-06-01", 0)),
        ("clinician_only", "PFS", ("2024-04-01", 1)),
        ("clinician_only", "PFSCLIN", ("2024-05-01", 0)),
        ("clinician_only", "PFSBOTH", ("2024-04-01", 1)),
        ("died_with_tumour", "PFSTUM", ("2024-06-01", 0)),
        ("died_without_tumour", "PFS", ("2024-06-01", 0)),
        ("died_without_tumour", "PFSTUM", ("2024-06-01", 9)),
        ("died_without_tumour", "OS", ("2024-06-01", 0)),
        ("died_without_tumour", "DSS", ("2024-06-01", 9)),
        ("died_of_something", "PFSTUM", ("2024-06-01", 0)),
        ("died_of_something", "PFSTUMN", ("2024-06-01", 9)),
        ("died_of_something", "PFSTUMU", None),
        ("cause_known_to_the_hospital_only", "PFSTUMU", ("2024-06-01", 0)),
        ("progressed_before_a_death_of_something", "PFSTUMU", ("2024-05-01", 0)),
        ("progressed_91_days_after_a_scan", "PFSMISS6", ("2024-05-16", 0)),
        ("progressed_92_days_after_a_scan", "PFSMISS6", ("2024-02-15", 4)),
        ("progressed_92_days_after_a_scan", "PFSMISS", ("2024-05-17", 0)),
        ("progressed_127_days_after_a_scan", "PFSMISS", ("2024-02-15", 4)),
        ("without_baseline_and_progressed", "PFS", ("2024-05-01", 0)),
        ("without_baseline_and_progressed", "PFSBASE", ("2024-01-01", 7)),
        ("without_baseline_progressed_and_died_early", "PFSBASE", ("2024-03-01", 0)),
        ("without_baseline_progressed_and_died_early", "PFSFDA", ("2024-03-01", 0)),
        ("diagnosed_in_a_month", "OS", ("2024-09-01", 1)),
        ("diagnosed_in_a_month", "OSDX", None),
        ("diagnosed_after_the_index", "OSDX", None),
        ("next_line_for_a_second_primary", "TTNT", ("2024-05-01", 0)),
        ("next_line_for_a_second_primary", "TTNTSAME", ("2024-09-01", 1)),
        ("next_line_after_progression_and_a_second_primary", "TTNTSAME", ("2024-05-01", 0)),
        ("second_primary_after_the_next_line", "TTNTSAME", ("2024-05-01", 0)),
        ("responded_then_switched", "DOR", ("2024-07-01", 0)),
        ("responded_then_switched", "DORCEN", ("2024-04-01", 3)),
        ("bone_irradiated", "PFSCOMP", ("2024-04-01", 1)),
        ("bone_irradiated_after_clinical_progression", "PFSCOMP", ("2024-03-01", 0)),
        ("lung_irradiated", "PFSCOMP", ("2024-03-01", 0)),
        ("resected", "PFSCOMP", ("2024-03-01", 0)),
        ("ablated", "PFSCOMP", ("2024-04-01", 1)),
        ("stented", "PFSCOMP", ("2024-04-01", 1)),
        ("treated_long", "TTDANLO", ("2024-03-01", 0)),
        ("treated_long", "TTDX", ("2024-03-01", 0)),
    ],
)
def test_an_endpoint_follows_its_own_parameters(times: Times, case: str, endpoint: str, expected: Expected) -> None:
    """Each value of each parameter gives its own date and code, beside the study's other endpoints."""
    assert times.end(PRIMARY, case, endpoint) == expected


@pytest.mark.parametrize(
    ("text", "case", "endpoint", "expected"),
    [
        (FDA, "switched_then_progressed", "PFS", ("2024-04-01", 3)),
        (FDA, "responded_then_switched", "DOR", ("2024-04-01", 3)),
        (FDA, "switched_then_progressed", "TTP", ("2024-07-01", 0)),
        (COMPOSITE, "switched_then_progressed", "PFS", ("2024-04-20", 0)),
        (COMPOSITE, "switched_then_progressed", "OS", ("2024-07-01", 1)),
        (CLINICIAN, "clinician_then_imaging", "PFS", ("2024-05-01", 0)),
        (CLINICIAN, "clinician_then_imaging", "TTP", ("2024-05-01", 0)),
        (CLINICIAN, "clinician_then_imaging", "PFSFDA", ("2024-06-01", 0)),
        (BONE_COUNTS, "bone_irradiated", "PFSCOMP", ("2024-03-01", 0)),
        (ABLATION_COUNTS, "ablated", "PFSCOMP", ("2024-03-01", 0)),
        (ABLATION_COUNTS, "stented", "PFSCOMP", ("2024-04-01", 1)),
        (REGISTRY, "in_no_death_record", "OS", ("2025-06-30", 1)),
        (REGISTRY, "in_no_death_record_of_centre_b", "OS", ("2025-06-30", 1)),
        (REGISTRY, "died_by_the_registry_later", "OS", ("2025-06-30", 1)),
        (REGISTRY, "dead_at_an_unknown_time", "OS", ("2024-09-01", 1)),
        (REGISTRY, "died_with_tumour", "OS", ("2024-06-01", 0)),
        (REGISTRY_OF_B, "in_no_death_record", "OS", ("2024-09-01", 1)),
        (REGISTRY_OF_B, "in_no_death_record_of_centre_b", "OS", ("2025-06-30", 1)),
    ],
)
def test_a_study_sets_a_parameter_for_all_its_endpoints(
    times: Times, text: str, case: str, endpoint: str, expected: Expected
) -> None:
    """What a study says holds for every endpoint that reads it, but for what an endpoint's name presets."""
    assert times.end(text, case, endpoint) == expected


@pytest.mark.parametrize(
    ("endpoint", "start"), [("PFS", "2024-01-01"), ("PFSLINE", "2023-12-10"), ("OSDX", "2023-06-15")]
)
def test_a_clock_starts_where_the_endpoint_says(times: Times, endpoint: str, start: str) -> None:
    """The clock may start at index, at the line that holds it or at diagnosis; the end stays the same."""
    row = times.endpoints[PRIMARY, "line_began_before_the_index", endpoint]
    assert (row["start_date"].isoformat(), row["end_date"].isoformat()) == (start, "2024-04-01")


def test_an_endpoint_says_what_ended_it_and_where_that_stands(times: Times) -> None:
    """A clinician's progression and a new therapy are named as such and lead to their own tables."""
    clinical = times.endpoints[PRIMARY, "clinician_only", "PFSCLIN"]
    therapy = times.endpoints[PRIMARY, "lung_irradiated", "PFSCOMP"]
    registry = times.endpoints[REGISTRY, "in_no_death_record", "OS"]
    assert (clinical["evntdesc"], clinical["srcdom"]) == ("CLINICAL PROGRESSION", "disease_event")
    assert (therapy["evntdesc"], therapy["srcdom"]) == ("NEW ANTICANCER THERAPY", "procedure")
    assert (registry["srcdom"], registry["source_file"]) == (None, None)


def test_a_misspelt_value_is_told_by_endpoint() -> None:
    """A value that no rule follows, and a registry date that cannot be read, are failures and not the default."""
    text = study("misspelt", ("PFS",), {"pfs_nact": "CENSORED", "registry_complete_to": "centre_a:2025-06-30"})
    known = harness.DBT_PROJECT / "tests" / "endpoint_parameters_are_known.sql"
    with harness.run_models("+int_endpoint_parameters", protocols=[text]) as connection:
        found = connection.execute(harness.compiled(known.read_text(encoding="utf-8"))).fetchall()
    assert {(paramcd, parameter) for _, paramcd, parameter, _ in found} == {
        ("PFS", "pfs_nact"),
        ("PFS", "registry_complete_to"),
    }
