"""Hospital C: OMOP CDM 5.4 as Parquet."""

from demo.hospital_c import HospitalC
from tests.formats.format import CannotCarry, Format
from tests.formats.hospital_a_only import HOSPITAL_A_ONLY, MARTS_OF_HOSPITAL_A_ONLY

FORMAT = Format(
    name="omop",
    centre_id=HospitalC.centre_id,
    writer=HospitalC,
    cannot_carry=(
        *HOSPITAL_A_ONLY,
        CannotCarry(
            "lab",
            "the warehouse keeps these tests in conventional units",
            ("value_text", "unit", "lln", "uln"),
            "test in ('TBIL', 'CREAT', 'HGB', 'ANC', 'PLT', 'FT4')",
        ),
        CannotCarry("lab", "the warehouse has English words for a dipstick", ("value_text",), "test = 'UPRO_DIP'"),
        CannotCarry("drug_row", "a pack has no column", ("raw_spec",)),
        CannotCarry("death", "a death has one cause, whoever reports it", ("cause",)),
        CannotCarry(
            "diagnosis", "comorbidities are coded without the Chinese extension", ("code",), "code like 'E11%'"
        ),
    ),
    marts_differ=(
        *MARTS_OF_HOSPITAL_A_ONLY,
        CannotCarry(
            "laboratory_grades",
            "the warehouse keeps these tests in conventional units, rounded",
            ("value_text", "value", "uln", "lln", "base"),
            "test in ('TBIL', 'CREAT', 'HGB', 'FT4')",
        ),
        CannotCarry(
            "laboratory_grades", "the warehouse has English words for a dipstick", ("value_text",), "test = 'UPRO_DIP'"
        ),
        CannotCarry("event_dates", "a death has one cause, whoever reports it", ("event",), "event like 'DEATH_%'"),
    ),
)
