"""FHIR R4 with mCODE profiles: a bulk export as NDJSON, read by the shipped mapping."""

from demo.hospital_fhir import HospitalFhir
from tests.formats.format import CannotCarry, Format
from tests.formats.hospital_a_only import HOSPITAL_A_ONLY, MARTS_OF_HOSPITAL_A_ONLY

FORMAT = Format(
    name="fhir",
    centre_id=HospitalFhir.centre_id,
    writer=HospitalFhir,
    standard="fhir_r4_mcode",
    cannot_carry=(
        *HOSPITAL_A_ONLY,
        CannotCarry(
            "lab",
            "some analysers of hospital A print conventional units",
            ("value_text", "unit", "lln", "uln"),
            "unit in ('mg/dL', 'g/dL', 'umol/L', 'g/L')",
        ),
        CannotCarry("drug_row", "a pack has an amount and a strength, not one text", ("raw_spec",)),
    ),
    marts_differ=(
        *MARTS_OF_HOSPITAL_A_ONLY,
        CannotCarry(
            "laboratory_grades",
            "some analysers of hospital A print conventional units, rounded",
            ("value_text", "value", "uln", "lln", "base"),
            "test in ('TBIL', 'CREAT', 'HGB', 'FT4')",
        ),
    ),
)
