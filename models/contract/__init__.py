"""The contract of every extract table (rule R0.1), written once.

From it come the check at landing, the schema of the lake, the staging tests and the data dictionary.
"""

from models.contract.column import Column, Identifies, Kind, Table
from models.contract.provenance import PATIENT_BUCKETS, PROVENANCE, ProvenanceColumn
from models.contract.tables import TABLES

CONTRACT: dict[str, Table] = {table.name: table for table in TABLES}

__all__ = [
    "CONTRACT",
    "PATIENT_BUCKETS",
    "PROVENANCE",
    "TABLES",
    "Column",
    "Identifies",
    "Kind",
    "ProvenanceColumn",
    "Table",
]
