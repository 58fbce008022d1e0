"""Generated files: whatever is in them, no row is unaccounted for and nothing crashes."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.hospital import Hospital
from warehouse.accounting import check_accounts

FEEDS: list[dict[str, object]] = [
    {
        "table": "drug_row",
        "key": ["row_id"],
        "feed": [
            {
                "source": "file",
                "when": [{"column": "状态", "not_among": ["计划"]}],
                "withdrawn": {"column": "状态", "among": ["作废"]},
                "explode": {"column": "药品", "separators": ["+"]},
                "columns": {
                    "patient_id": {"column": "患者ID", "system": "HIS"},
                    "row_id": {"column": "医嘱ID", "system": "order"},
                    "source_kind": {"constant": "ORDER"},
                    "raw_name": "药品",
                    "dose": "剂量",
                    "start_text": "日期1",
                },
            }
        ],
    },
    {
        "table": "contact",
        "feed": [
            {
                "source": "file",
                "repeat": [1, 2],
                "columns": {
                    "patient_id": {"column": "患者ID", "system": "HIS"},
                    "date_text": "日期{n}",
                    "kind": {"constant": "OUTPATIENT_VISIT"},
                },
            }
        ],
    },
]
HEADER = "患者ID,医嘱ID,状态,药品,剂量,日期1,日期2"
cells = st.sampled_from(
    [
        "",
        "1",
        "2",
        "-",
        "计划",
        "作废",
        "顺铂",
        "顺铂+紫杉醇",
        "+",
        "12.5",
        "12mg",
        "2024-02-29",
        "2023-02-29",
        '"',
        '"a\nb"',
        "\0",
        "，",
    ]
)
good_rows = st.lists(cells, min_size=7, max_size=7).map(",".join)
any_rows = st.one_of(good_rows, good_rows, st.lists(cells, max_size=10).map(",".join), st.text(max_size=20))
line_ends = st.sampled_from(["\n", "\r\n"])
tails = st.sampled_from(["", "\n", "\n\n", '"', "\n1,2"])


@settings(max_examples=60)
@given(rows=st.lists(any_rows, max_size=12), line_end=line_ends, tail=tails, cut=st.integers(0, 3))
def test_no_row_is_lost(rows: list[str], line_end: str, tail: str, cut: int) -> None:
    """For every file read = used + skipped + failed; for every table emitted = stored + quarantined + duplicates."""
    with tempfile.TemporaryDirectory() as folder:
        hospital = Hospital(Path(folder), {"file": {"files": ["f.csv"]}}, FEEDS)
        content = (line_end.join([HEADER, *rows]) + tail).encode("utf-8", "replace")
        hospital.deliver("2025-07-05", "f.csv", content[: len(content) - cut])
        (delivery,) = hospital.land().deliveries
        check_accounts("generated", delivery.files, delivery.tables)
        for table in delivery.tables:
            assert len(hospital.rows(table.table, "row_key")) == table.landed
        assert len(hospital.quarantine("row_hmac")) == sum(table.rows_quarantined for table in delivery.tables)
