"""Hospital A: CSV in GB18030."""

from demo.hospital_a import HospitalA
from tests.formats.format import Format

FORMAT = Format(name="csv_gb18030", centre_id=HospitalA.centre_id, writer=HospitalA)
