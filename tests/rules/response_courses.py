"""Patients after their index date for the tests of tumour response, in days from that date."""

from datetime import date, timedelta
from decimal import Decimal

from tests.rules import harness

INDEX = date(2024, 1, 10)
SIZES = dict[int, int | None]


def day(number: int) -> str:
    return (INDEX + timedelta(days=number)).isoformat()


def lesions(
    patient: str, sizes: SIZES, reader: str = "INV", name: str = "T1", organ: str = "LIVER"
) -> list[harness.Row]:
    """One target over days after the index date; None is not evaluable."""
    return [
        {
            "patient_id": patient,
            "reader": reader,
            "lesion_id": name,
            "organ": organ,
            "role": "TARGET",
            "scan_date": day(number),
            "status": "NE" if mm is None else "MEASURED" if mm else "ABSENT",
            "mm": Decimal(mm) if mm else None,
        }
        for number, mm in sizes.items()
    ]


def other_lesions(patient: str, states: dict[int, str]) -> list[harness.Row]:
    """One non-target over days after the index date."""
    return [
        {
            "patient_id": patient,
            "reader": "INV",
            "lesion_id": "NT1",
            "organ": "BONE",
            "role": "NONTARGET",
            "scan_date": day(number),
            "nt_status": state,
        }
        for number, state in states.items()
    ]


def recorded(patient: str, responses: dict[int, str], reader: str = "INV") -> list[harness.Row]:
    return [
        {"patient_id": patient, "reader": reader, "response_date": day(number), "response": response}
        for number, response in responses.items()
    ]


LESIONS = [
    *lesions("nothing_recorded", {-10: 50, 42: 30, 90: 40}),
    *lesions("restaged_before_the_index_date", {-60: 50, -3: 30, 50: 34, 100: 36}),
    *lesions("baseline_on_the_43rd_day_before", {-43: 50, 50: 70}),
    *lesions("baseline_on_the_42nd_day_before", {-42: 50, 50: 70}),
    *lesions("baseline_after_the_index_date", {1: 50, 50: 70}),
    *lesions("latest_baseline_incomplete", {-30: 50, -2: None, 50: 70}),
    *lesions("only_the_chest_was_scanned_again", {-30: 50, -2: 50, 50: 55}),
    *lesions("only_the_chest_was_scanned_again", {-30: 50, 50: 90}, name="T2", organ="LUNG"),
    *lesions("targets_of_the_line_before_dropped", {-200: 50, -20: 50, 50: 55}),
    *lesions("targets_of_the_line_before_dropped", {-200: 30}, name="T2", organ="LUNG"),
    *lesions("baseline_on_the_28th_day_before", {-28: 50, 50: 70}),
    *lesions("baseline_on_the_29th_day_before", {-29: 50, 50: 70}),
    *lesions("bones_scanned_two_days_later", {-5: 50, 50: 45}),
    *other_lesions("bones_scanned_two_days_later", {-5: "NONCR", 52: "NONCR", 54: "NE"}),
    *lesions("next_course_has_new_targets", {-5: 50, 50: 40}),
    *lesions("next_course_has_new_targets", {200: 20, 260: 30}, name="A1"),
    *lesions("recorded_against_the_lesions", {-5: 50, 50: 70}),
    *lesions("read_by_both_from_lesions", {-5: 50, 50: 30, 100: 70}),
    *lesions("read_by_both_from_lesions", {-5: 40, 52: 36, 101: 38}, "IND"),
    *lesions("independent_lesions_incomplete", {-5: 50, 50: 30, 100: 70}),
    *lesions("independent_lesions_incomplete", {-5: 40, 101: 38}, "IND"),
    *lesions("recorded_independently_too_late", {-5: 50, 50: 45, 100: 70}),
    *lesions("independent_without_a_baseline", {50: 20, 100: 20}, "IND"),
    *lesions("shrank_after_switch", {-5: 50, 50: 45, 100: 20}),
    *lesions("sum_never_complete", {-5: 50, 50: None}),
    *lesions("oesophagus_as_target", {-5: 50, 50: 70}, organ="ESOPHAGUS"),
    *lesions("oesophagus_as_target", {-5: 20, 50: 14}, name="T2"),
    *lesions("target_irradiated", {-5: 50, 50: 40, 100: 30}, organ="BONE"),
    *lesions("node_came_back", {-5: 18, 50: 8, 100: 11}, organ="DISTANT_LN"),
]
RESPONSES = [
    *recorded("recorded_against_the_lesions", {50: "SD"}),
    *recorded("read_twice_and_agreed", {50: "PR", 100: "PD"}),
    *recorded("read_twice_and_agreed", {50: "PR", 107: "PD"}, "IND"),
    *recorded("independent_without_a_baseline", {50: "SD", 100: "PD"}),
    *recorded("independent_without_a_baseline", {50: "PR", 100: "PR"}, "IND"),
    *recorded("independent_missed_the_second_time_point", {40: "SD", 50: "SD", 60: "SD", 100: "PD"}),
    *recorded("independent_missed_the_second_time_point", {40: "SD", 100: "SD"}, "IND"),
    *recorded("read_twice_and_disputed", {50: "SD", 100: "PD"}),
    *recorded("read_twice_and_disputed", {50: "PR", 100: "PR", 150: "PD"}, "IND"),
    *recorded("independent_from_the_third_scan_on", {50: "SD", 100: "SD", 150: "PD"}),
    *recorded("independent_from_the_third_scan_on", {150: "SD"}, "IND"),
    *recorded("recorded_independently_too_late", {150: "SD"}, "IND"),
    *recorded("only_read_independently", {50: "SD", 100: "PD"}, "IND"),
    *recorded("scanned_before_the_index_date", {50: "SD"}),
    *recorded("stable_for_154_days", {50: "SD", 154: "SD", 168: "PD"}),
    *recorded("progressed_on_day_167", {50: "SD", 154: "SD", 167: "PD"}),
    *recorded("stable_for_153_days", {50: "SD", 153: "SD"}),
    *recorded("died_on_day_167", {50: "SD", 160: "SD"}),
    *recorded("died_in_the_month_of_day_168", {50: "SD", 155: "SD"}),
    *recorded("lost_the_complete_response", {50: "CR", 100: "PR"}),
]
DEATHS = [
    {"patient_id": "died_on_day_167", "source": "REGISTRY", "date_text": day(167)},
    {"patient_id": "died_in_the_month_of_day_168", "source": "FAMILY", "date_text": "2024-06"},
]
SCANS = [{"patient_id": "scanned_before_the_index_date", "scan_date": day(-40), "modality": "CT", "region": "CHEST"}]
RADIOTHERAPY = [
    {"patient_id": "target_irradiated", "kind": "RT", "start_text": day(60), "target_site": "BONE"},
]
NEVER_READ = "never_read"


def patients() -> list[str]:
    return sorted({str(row["patient_id"]) for row in [*LESIONS, *RESPONSES]} | {NEVER_READ})
