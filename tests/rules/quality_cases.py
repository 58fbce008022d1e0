"""Rows on both sides of every data-quality check: one invented patient a side, named after what is wrong or right."""

from collections import defaultdict
from dataclasses import dataclass, field

from tests.rules import harness
from tests.rules.quality_rows import (
    INDEX,
    Row,
    Rows,
    both_drugs,
    capsules,
    died,
    drug,
    event,
    lesion,
    pressure,
    read,
    report,
)

GOOD_PATIENT = {"sex": "M", "birth_ym": "1960-01"}

PROVEN = """[[criteria]]
id = "I1"
kind = "inclusion"
label = "Proven oesophageal squamous cell carcinoma"
unknown_policy = "include_flag"
[[criteria.conditions]]
type = "pathology"
sites = ["C15"]
morphologies = ["8070-8076"]
uncertain_morphologies = ["8010"]

"""
PROTOCOL = harness.protocol().replace("[[criteria]]", PROVEN + "[[criteria]]", 1)
"""The study of the worked cases, which asks for proof of a squamous cell carcinoma besides."""


@dataclass(frozen=True)
class Side:
    """A patient whose rows a check either fails or looks at and lets pass."""

    check: str
    patient: str
    is_failed: bool
    rows: Rows
    about: Row = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Check and side, as a test's id."""
        return f"{self.check}-{'fails' if self.is_failed else 'passes'}"


def _fails(check: str, patient: str, rows: Rows, **about: object) -> Side:
    return Side(check, f"{check.lower()}_{patient}", True, rows, about)


def _passes(check: str, patient: str, rows: Rows, **about: object) -> Side:
    return Side(check, f"{check.lower()}_{patient}", False, rows, about)


def _drug_rows() -> list[Side]:
    def given(*days: str, name: str = "camrelizumab") -> Rows:
        return {"drug_row": [drug(name, day) for day in days]}

    def pack(**columns: object) -> Rows:
        return {"drug_row": [capsules("2024-01-05", **columns)]}

    def course(end: str) -> Rows:
        return {"drug_row": [drug("cisplatin", "2024-05-10", end_text=end)]}

    def dose(mg: int) -> Rows:
        return {"drug_row": [drug("camrelizumab", "2024-01-01", dose=mg, dose_unit="mg")]}

    def two_agents(first: str, second: str, day: str) -> Rows:
        return {"drug_row": [drug(first, "2024-01-01"), drug(second, day)]}

    return [
        _fails("DQ007", "name_nobody_knows", given("2024-01-01", name="someunknownium")),
        _passes("DQ007", "name_in_the_list", given("2024-01-01", name="cisplatin")),
        _fails("DQ008", "name_misspelt", given("2024-01-01", name="camrelizumub")),
        _passes("DQ008", "name_spelt", given("2024-01-01")),
        _fails("DQ010", "capsule_into_the_vein", pack(route="IV")),
        _passes("DQ010", "capsule_by_mouth", pack()),
        _fails("DQ033", "capsules_without_strength", pack(raw_spec=None)),
        _fails("DQ033", "capsules_not_counted", pack(qty=None)),
        _passes("DQ033", "capsules_with_both", pack()),
        _fails("DQ043", "fourteen_mg", pack(dose=14, dose_unit="mg")),
        _passes("DQ043", "ten_mg", pack(dose=10, dose_unit="mg", raw_spec="10mg")),
        _fails("DQ044", "more_than_twice_the_dose", dose(401)),
        _passes("DQ044", "twice_the_dose", dose(400)),
        _fails("DQ045", "brought_back", pack(source_kind="RETURN", qty=-7)),
        _passes("DQ045", "taken_home", pack()),
        _fails("DQ062", "ends_the_month_before", course("2024-04")),
        _passes("DQ062", "ends_in_its_month", course("2024-05")),
        _fails("DQ063", "two_strengths", {"drug_row": [*pack()["drug_row"], *pack(raw_spec="8mg")["drug_row"]]}),
        _passes("DQ063", "two_packs", {"drug_row": [*pack()["drug_row"], *pack(qty=7)["drug_row"]]}),
        _fails("DQ064", "other_agent_on_day_7", two_agents("camrelizumab", "tislelizumab", "2024-01-08")),
        _passes("DQ064", "other_agent_on_day_8", two_agents("camrelizumab", "tislelizumab", "2024-01-09")),
        _passes("DQ064", "registered_pair", two_agents("nivolumab", "ipilimumab", "2024-01-01")),
        _fails("DQ065", "again_after_9_days", given("2024-01-01", "2024-01-10")),
        _passes("DQ065", "two_vials_then_10_days", given("2024-01-01", "2024-01-01", "2024-01-11")),
    ]


def _lesions() -> list[Side]:
    def again(**columns: object) -> Rows:
        return {"lesion": [lesion("W0", "2024-01-01"), {**lesion("W6", "2024-02-12"), **columns}]}

    return [
        _fails("DQ017", "measured_twice", again(tp="W0", scan_date="2024-01-04")),
        _passes("DQ017", "same_label_in_another_year", again(tp="W0", scan_date="2025-01-01")),
        _fails("DQ040", "target_of_no_organ", again(organ=None)),
        _passes("DQ040", "target_of_the_liver", again()),
        _fails("DQ046", "measured_as_nothing", again(mm=0)),
        _fails("DQ046", "larger_than_a_man", again(mm="300.1")),
        _passes("DQ046", "as_large_as_can_be", again(mm=300)),
        _fails("DQ047", "a_fifth_left", again(mm="5.2")),
        _passes("DQ047", "more_than_a_fifth_left", again(mm="5.3")),
    ]


def _targets() -> list[Side]:
    def at_baseline(*targets: Row) -> Rows:
        found = [{**lesion("W0", "2024-01-01"), "lesion_id": f"T{number}"} for number in range(1, len(targets) + 1)]
        return {"lesion": [{**plain, **target} for plain, target in zip(found, targets, strict=True)]}

    def judged(response: str) -> Rows:
        sizes = [lesion("W0", "2024-01-05"), lesion("W6", "2024-02-20")]
        return both_drugs(lesion=sizes, response=[read("2024-02-20", response)])

    later: Rows = {"lesion": [lesion("W0", "2024-01-01"), lesion("W6", "2024-02-12")]}
    renumbered = {**lesion("W6", "2024-02-12"), "lesion_id": "T2"}
    return [
        _fails("DQ018", "target_from_nowhere", {"lesion": [*later["lesion"], renumbered]}),
        _passes("DQ018", "target_of_the_baseline", later),
        _fails("DQ048", "target_of_9_mm", at_baseline({"mm": 9})),
        _passes("DQ048", "target_of_10_mm", at_baseline({"mm": 10})),
        _fails("DQ048", "node_of_14_mm", at_baseline({"mm": 14, "is_node": "Y", "organ": "DISTANT_LN"})),
        _passes("DQ048", "node_of_15_mm", at_baseline({"mm": 15, "is_node": "Y", "organ": "DISTANT_LN"})),
        _fails("DQ049", "three_in_the_liver", at_baseline({}, {}, {})),
        _passes("DQ049", "two_in_the_liver", at_baseline({}, {})),
        _fails("DQ050", "oesophagus_as_target", at_baseline({"organ": "ESOPHAGUS"})),
        _passes("DQ050", "liver_as_target", at_baseline({})),
        _fails("DQ077", "stable_lesions_read_as_progression", judged("PD")),
        _passes("DQ077", "stable_lesions_read_as_stable", judged("SD")),
    ]


def _responses() -> list[Side]:
    def seen(*responses: tuple[str, str]) -> list[Row]:
        return [read(day, response) for day, response in responses]

    def scanned(response_date: str) -> Rows:
        return {"response": [read(response_date, "SD")], "scan": [{"scan_date": "2024-03-01", "modality": "CT"}]}

    after_progression = seen(("2024-02-01", "PD"), ("2024-04-01", "PR"))
    chemotherapy = [drug("cisplatin", "2023-12-01"), drug("cisplatin", "2023-12-22")]
    second_line = [*chemotherapy, drug("docetaxel", "2024-02-10"), drug("docetaxel", "2024-03-02")]
    return [
        _fails("DQ067", "15_days_after_the_scan", scanned("2024-03-16")),
        _passes("DQ067", "14_days_after_the_scan", scanned("2024-03-15")),
        _fails(
            "DQ068",
            "cr_then_ne_then_sd",
            {"response": seen(("2024-01-01", "CR"), ("2024-03-01", "NE"), ("2024-05-01", "SD"))},
        ),
        _passes(
            "DQ068",
            "cr_then_pd_then_sd",
            {"response": seen(("2024-01-01", "CR"), ("2024-03-01", "PD"), ("2024-05-01", "SD"))},
        ),
        _fails("DQ069", "response_without_a_new_line", {"response": after_progression, "drug_row": chemotherapy}),
        _passes("DQ069", "response_to_the_next_line", {"response": after_progression, "drug_row": second_line}),
    ]


def _results() -> list[Side]:
    def scored(value: int, test: str = "ECOG") -> Rows:
        return {"ecog": [{"specimen_date": "2024-01-01", "test": test, "value": value}]}

    def specimen(day: str) -> Rows:
        blood = {"specimen_date": day, "test": "ALT", "value_text": "20", "unit": "U/L", "lln": 0, "uln": 40}
        return {"lab": [blood], "death": [died("2024-03-10")]}

    def blood(test: str, value: str, unit: str | None, uln: int | None = 160) -> Rows:
        limits = {"lln": 110, "uln": uln}
        result = {"specimen_date": "2024-02-01", "test": test, "value_text": value, "unit": unit, **limits}
        return {"lab": [result]}

    return [
        _fails("DQ011", "haemoglobin_in_mmol", blood("HGB", "8.1", "mmol/L")),
        _passes("DQ011", "haemoglobin_in_g_per_dl", blood("HGB", "12.5", "g/dL")),
        _fails("DQ012", "sample_clotted", blood("HGB", "凝血", "g/L")),
        _passes("DQ012", "below_the_range_of_the_device", blood("HGB", "<30", "g/L")),
        _fails("DQ037", "enzyme_without_limit", blood("ALT", "50", "U/L", uln=None)),
        _passes("DQ037", "enzyme_with_limit", blood("ALT", "50", "U/L")),
        _fails("DQ051", "haemoglobin_of_251", blood("HGB", "25.1", "g/dL")),
        _passes("DQ051", "haemoglobin_of_250", blood("HGB", "250", "g/L")),
        _fails("DQ013", "six_on_the_ecog_scale", scored(6)),
        _passes("DQ013", "five_on_the_ecog_scale", scored(5)),
        _fails("DQ053", "pressures_swapped", {"vital": pressure(85, 130)}),
        _fails("DQ053", "pressure_of_no_one", {"vital": pressure(301, 130)}),
        _passes("DQ053", "pressures_in_place", {"vital": pressure(130, 85)}),
        _fails("DQ060", "specimen_two_days_dead", specimen("2024-03-12")),
        _passes("DQ060", "specimen_one_day_dead", specimen("2024-03-11")),
    ]


def _records() -> list[Side]:
    def deaths(*days: str | None) -> Rows:
        return {"death": [died(day, source) for day, source in zip(days, ("HOSPITAL", "FAMILY"), strict=False)]}

    prostate: Rows = {"diagnosis": [{"code": "C61", "system": "ICD10", "kind": "SECOND_PRIMARY"}]}
    return [
        _fails("DQ029", "of_unknown_sex", {}, sex=None),
        _fails("DQ029", "of_unknown_age", {}, birth_ym=None),
        _passes("DQ029", "registered_whole", {}),
        _fails("DQ035", "died_some_day", deaths(None)),
        _passes("DQ035", "died_some_month", deaths("2024-03")),
        _fails("DQ056", "woman_with_a_prostate", prostate, sex="F"),
        _passes("DQ056", "man_with_a_prostate", prostate),
        _fails("DQ057", "seen_before_birth", {"ecog": [{"specimen_date": "1959-12", "test": "ECOG", "value": 1}]}),
        _fails(
            "DQ058", "seen_after_the_extract", {"ecog": [{"specimen_date": "2025-08-02", "test": "ECOG", "value": 1}]}
        ),
        _fails("DQ061", "died_31_days_apart", deaths("2024-01-01", "2024-02-01")),
        _passes("DQ061", "died_30_days_apart", deaths("2024-01-01", "2024-01-31")),
        _fails("DQ074", "only_billed", {"contact": [{"date_text": "2024-05-01", "kind": "BILLING"}]}),
        _passes(
            "DQ074",
            "seen_and_billed",
            {
                "contact": [
                    {"date_text": "2024-05-01", "kind": "BILLING"},
                    {"date_text": "2024-03-01", "kind": "OUTPATIENT_VISIT"},
                ]
            },
        ),
    ]


def _adverse_events() -> list[Side]:
    return [
        _fails("DQ015", "graded_by_no_version", {"ae": [event(ctcae_version=None)]}),
        _fails("DQ015", "graded_by_version_4", {"ae": [event(ctcae_version="v4.03")]}),
        _passes("DQ015", "graded_by_version_5", {"ae": [event(ctcae_version="CTCAE 5.0")]}),
        _fails("DQ038", "of_no_stated_cause", {"ae": [event(causality_text=" ")]}),
        _passes("DQ038", "of_a_stated_cause", {"ae": [event()]}),
        _fails("DQ054", "fatal_event_of_the_living", {"ae": [event(ctcae_grade=5)]}),
        _fails("DQ054", "death_of_no_recorded_event", {"death": [died("2024-03-02", cause="AE")]}),
        _passes(
            "DQ054", "fatal_event_and_death", {"ae": [event(ctcae_grade=5)], "death": [died("2024-03-02", cause="AE")]}
        ),
        _fails("DQ055", "severe_fistula", {"ae": [event(term="Esophageal fistula", ctcae_grade=3)]}),
        _passes("DQ055", "mild_fistula", {"ae": [event(term="Esophageal fistula", ctcae_grade=2)]}),
        _fails("DQ070", "related_before_the_index_date", both_drugs(ae=[event(start_text="2024-01-09")])),
        _passes("DQ070", "related_on_the_index_date", both_drugs(ae=[event(start_text=INDEX)])),
        _fails("DQ071", "over_before_it_began", {"ae": [event(end_text="2024-02-29")]}),
        _passes("DQ071", "over_on_the_day", {"ae": [event(end_text="2024-03-01")]}),
    ]


def _cohort() -> list[Side]:
    def seen(day: str) -> Rows:
        return both_drugs(contact=[{"date_text": day, "kind": "OUTPATIENT_VISIT"}])

    progressed = [read("2023-12-01", "PD")]
    return [
        _fails("DQ019", "carcinoma_of_no_kind", both_drugs(pathology=[report("2023-01-01", "8010")])),
        _passes("DQ019", "squamous_carcinoma", both_drugs(pathology=[report("2023-01-01", "8070")])),
        _fails("DQ030", "never_scored", both_drugs()),
        _passes(
            "DQ030",
            "scored_at_baseline",
            both_drugs(ecog=[{"specimen_date": "2024-01-08", "test": "ECOG", "value": 1}]),
        ),
        _fails("DQ031", "scanned_43_days_before", both_drugs(scan=[{"scan_date": "2023-11-28"}])),
        _passes("DQ031", "scanned_42_days_before", both_drugs(scan=[{"scan_date": "2023-11-29"}])),
        _fails("DQ032", "never_assessed", both_drugs()),
        _passes("DQ032", "assessed", both_drugs(response=[read("2024-03-01", "SD")])),
        _fails("DQ034", "unseen_for_181_days", seen("2025-01-05")),
        _passes("DQ034", "unseen_for_180_days", seen("2025-01-06")),
        _fails("DQ036", "progressed_on_nothing", both_drugs(response=progressed)),
        _passes(
            "DQ036",
            "progressed_on_chemotherapy",
            both_drugs(response=progressed, drug_row=[drug("cisplatin", "2023-10-01")]),
        ),
        _fails("DQ042", "17_at_the_index_date", both_drugs(), birth_ym="2006-02"),
        _passes("DQ042", "18_at_the_index_date", both_drugs(), birth_ym="2005-12"),
        _fails("DQ066", "proven_after_the_index_date", both_drugs(pathology=[report("2024-01-11", "8070")])),
        _passes("DQ066", "proven_on_the_index_date", both_drugs(pathology=[report(INDEX, "8070")])),
    ]


SIDES = [
    *_drug_rows(),
    *_lesions(),
    *_targets(),
    *_responses(),
    *_results(),
    *_records(),
    *_adverse_events(),
    *_cohort(),
]

HAEMOGLOBIN = {
    "specimen_date": "2024-02-01",
    "test": "HGB",
    "value_text": "12.5",
    "unit": "g/L",
    "lln": 130,
    "uln": 175,
}
WORKED: dict[str, Rows] = {
    "DQX01": {"lab": [HAEMOGLOBIN]},
    "DQX02": {"lesion": [lesion("W0", "2024-01-01"), lesion("W6", "2024-02-12", mm="2.4")]},
    "DQX03": {"ecog": [{"specimen_date": "2024-01-01", "test": "ECOG", "value": 80}]},
    "DQX04": {"drug_row": [drug("camrelizumab", "2024-01-01"), drug("camrelizumab", "2024-01-02")]},
    "DQX05": {"death": [died("2024-03-10")], "lab": [{"specimen_date": "2024-03-20", "test": "ALT"}]},
    "DQX06": {
        "death": [died("2024-03-10")],
        "contact": [{"date_text": "2024-03-11", "kind": "BILLING"}],
        "lab": [{"specimen_date": "2024-03-10", "test": "ALT", "value_text": "20", "unit": "U/L", "lln": 0, "uln": 40}],
    },
    "DQX07": {"drug_row": [drug("cisplatin", "2024-05-10", end_text="2024-05-01")]},
    "DQX08": {"vital": pressure(85, 130)},
    "DQX09": {"response": [read("2024-01-01", "CR"), read("2024-03-01", "PR")]},
    "DQX11": {"drug_row": [capsules("2024-01-01", dose=14, dose_unit="mg")]},
}
"""Rows of the worked cases of R10 that need no derived row; DQX06 is a result that was posted and billed a day late."""


OTHER_CENTRES = ("in_mmol", "in_mmol_too", "in_mg_called_mmol")


def lake() -> Rows:
    """All sides and worked cases in one lake, each patient with a whole registration unless the case says otherwise."""
    rows: Rows = defaultdict(list)
    people = [(side.patient, side.rows, side.about) for side in SIDES]
    people += [(case.lower(), worked, {}) for case, worked in WORKED.items()]
    for patient, own, about in people:
        rows["patient"].append({"patient_id": patient, **GOOD_PATIENT, **about})
        for table, records in own.items():
            rows[table] += [{"patient_id": patient, **record} for record in records]
    for centre, glucose in zip(OTHER_CENTRES, ("5.5", "5.0", "99"), strict=True):
        person = {"centre_id": centre, "patient_id": centre}
        rows["patient"].append({**person, **GOOD_PATIENT})
        result = {"specimen_date": "2024-02-01", "test": "GLU", "unit": "mmol/L", "lln": 3, "uln": 6}
        rows["lab"] += [{**person, **result, "value_text": glucose} for _ in range(3)]
    return dict(rows)
