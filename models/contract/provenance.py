"""Provenance columns: they say where a row came from and never take part in 'the same content'."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ProvenanceColumn:
    """One column that landing adds to every row of every lake table."""

    name: str
    lake_type: str
    meaning: str


PATIENT_BUCKETS = 64

PROVENANCE: tuple[ProvenanceColumn, ...] = (
    ProvenanceColumn("row_key", "VARCHAR", "Hash of centre and business key: versions of one record share it."),
    ProvenanceColumn("row_hash", "VARCHAR", "Hash of all content columns: two rows of the same content share it."),
    ProvenanceColumn(
        "is_withdrawn", "BOOLEAN", "True on a tombstone: the record was withdrawn or left a full delivery."
    ),
    ProvenanceColumn("patient_bucket", "UTINYINT", "Hash of the patient's pseudonym, 0 to 63; files are sorted by it."),
    ProvenanceColumn(
        "delivery_id", "VARCHAR", "The delivery that brought the row: its folder's name under the centre."
    ),
    ProvenanceColumn("extract_date", "DATE", "Day on which the source system was extracted, from the delivery."),
    ProvenanceColumn("delivery_seq", "INTEGER", "Order of deliveries of one extract date."),
    ProvenanceColumn("source_file", "VARCHAR", "File of the delivery, relative to its folder."),
    ProvenanceColumn("source_row", "BIGINT", "Physical row in that file, 1 is the first row, headers included."),
    ProvenanceColumn(
        "source_part", "INTEGER", "Part of the source row: repeated columns or several names in one cell."
    ),
    ProvenanceColumn("landed_at", "TIMESTAMP", "When the row was landed, UTC."),
)
"""`centre_id` and `batch_id` come from the lake's folders: `<table>/centre_id=…/batch_id=…/*.parquet`."""
