"""Trial data: CDISC SDTM as SAS transport files."""

from functools import partial

from demo.hospital_sdtm import HospitalSdtm
from tests.formats.format import CannotCarry, Format
from tests.formats.hospital_a_only import HOSPITAL_A_ONLY, MARTS_OF_HOSPITAL_A_ONLY

FORMAT = Format(
    name="sdtm",
    centre_id=HospitalSdtm.centre_id,
    writer=partial(HospitalSdtm, suffix=".xpt"),
    standard="sdtm",
    cannot_carry=(
        *(entry for entry in HOSPITAL_A_ONLY if entry.table not in ("contact", "lesion")),
        CannotCarry(
            "lab",
            "some analysers of hospital A print conventional units",
            ("value_text", "unit", "lln", "uln"),
            "unit in ('mg/dL', 'g/dL', 'umol/L', 'g/L')",
        ),
        CannotCarry("lab", "CDISC's unit is g/day", ("unit",), "test = 'UPRO24'"),
        CannotCarry("lab", "results in words are English", ("value_text",), "test in ('UPRO_DIP', 'TBIL')"),
        CannotCarry("ae", "relations are English, rule R8.2 reads both", ("causality_text",)),
        CannotCarry("drug_row", "a pack has no variable, a strength has", ("raw_spec",)),
        CannotCarry("drug_row", "an exposure of one day ends on it", ("end_text",), "source_kind = 'ADMIN'"),
    ),
    marts_differ=(
        *MARTS_OF_HOSPITAL_A_ONLY,
        CannotCarry(
            "laboratory_grades",
            "some analysers of hospital A print conventional units, rounded",
            ("value_text", "value", "uln", "lln", "base"),
            "test in ('TBIL', 'CREAT', 'HGB')",
        ),
        CannotCarry(
            "laboratory_grades", "results in words are English", ("value_text",), "test in ('UPRO_DIP', 'TBIL')"
        ),
    ),
)
