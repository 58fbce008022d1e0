"""Hospital A's exports as tables of its PostgreSQL server: nothing may be lost on that way."""

from demo.hospital_a import HospitalA
from tests.formats.format import Format

FORMAT = Format(
    name="postgresql",
    centre_id="hospital_a_database",
    writer=HospitalA,
    mapped_by=HospitalA.centre_id,
    in_database=True,
)
