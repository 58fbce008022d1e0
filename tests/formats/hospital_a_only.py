"""What hospital A's files tell and no story does: the habits of a ward, not a matter of format."""

from tests.formats.format import CannotCarry

HOSPITAL_A_ONLY = (
    CannotCarry("disease_event", "the kind of document is the hospital's own word", ("source",)),
    CannotCarry(
        "disease_event",
        "a front page names the diagnosis from the first stay on, before the biopsy",
        ("event_date_text",),
        "event = 'DX' and story = 133",
    ),
    CannotCarry(
        "diagnosis",
        "a front page dates a diagnosis by the stay",
        ("date_text",),
        "story in (93, 133) and kind <> 'COMORBIDITY'",
    ),
    CannotCarry(
        "contact",
        "treatment elsewhere is told at a visit of its own",
        rows="story in (96, 129, 133) and kind = 'OUTPATIENT_VISIT'",
    ),
    CannotCarry("scan", "a radiologist dates the report", ("report_date",)),
    CannotCarry("lesion", "new lesions are not measured", ("mm",), "role = 'NEW'"),
    CannotCarry("ae", "events have the ward's own words, and an outcome", ("raw_term", "term", "outcome")),
    CannotCarry("drug_row", "orders stand beside what was given", rows="source_kind = 'ORDER'"),
    CannotCarry(
        "drug_row",
        "premedication and supportive drugs are told each time they were given",
        rows="raw_name is null and trial_id is null",
    ),
    CannotCarry("drug_row", "a pharmacy says whether capsules are for the ward", ("dispense_setting",)),
)
"""Differences of every other hospital of the demo from this one."""

MARTS_OF_HOSPITAL_A_ONLY = (
    CannotCarry(
        "patients",
        "a front page names the diagnosis from the first stay on, before the biopsy",
        ("diagnosis_date",),
        "story = 133",
    ),
    CannotCarry(
        "adverse_events",
        "the ward's own words lead to the grouped term on another way",
        ("term", "soc", "match_method", "max_grade_flag", "irae_class"),
    ),
    CannotCarry("adverse_events", "hormones given for an endocrine event are told by the ward only", ("irae_flag",)),
    CannotCarry("exposure_episodes", "supportive drugs are told by the ward only", rows="counts_in_lot = 'N'"),
    CannotCarry(
        "laboratory_grades",
        "a thyroid grade follows the grade of the event as the ward worded it",
        ("grade", "worst_flag"),
        "test = 'TSH'",
    ),
)
