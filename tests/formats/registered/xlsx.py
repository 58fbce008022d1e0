"""Hospital B: one workbook of case report forms."""

from demo.hospital_b import HospitalB
from tests.formats.format import CannotCarry, Format
from tests.formats.hospital_a_only import HOSPITAL_A_ONLY, MARTS_OF_HOSPITAL_A_ONLY

FORMAT = Format(
    name="xlsx",
    centre_id=HospitalB.centre_id,
    writer=HospitalB,
    cannot_carry=(
        *HOSPITAL_A_ONLY,
        CannotCarry(
            "lab",
            "some analysers of hospital A print conventional units",
            ("value_text", "unit", "lln", "uln"),
            "unit in ('mg/dL', 'g/dL', 'umol/L', 'g/L')",
        ),
        CannotCarry("drug_row", "the form has neither pack nor dose", ("raw_spec", "dose", "dose_unit")),
        CannotCarry("death", "the form asks nobody but the registry for the cause", ("cause",), "source <> 'REGISTRY'"),
    ),
    marts_differ=(
        *MARTS_OF_HOSPITAL_A_ONLY,
        CannotCarry(
            "laboratory_grades",
            "some analysers of hospital A print conventional units, rounded",
            ("value_text", "value", "uln", "lln", "base"),
            "test in ('TBIL', 'CREAT', 'HGB', 'FT4')",
        ),
        CannotCarry(
            "event_dates", "the form asks nobody but the registry for the cause", ("event",), "event like 'DEATH_%'"
        ),
        CannotCarry("exposure_episodes", "the form has no dose of an infusion", ("total_mg",), "is_oral = 'N'"),
        CannotCarry(
            "dosing",
            "the form has no dose of an infusion",
            ("initial_mg", "min_mg", "total_mg", "planned_initial_mg", "planned_mg", "rdi_label_pct"),
        ),
    ),
)
