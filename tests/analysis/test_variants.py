"""The table of variants: who enters, who leaves and whose values move."""

from pathlib import Path

import duckdb

from analysis import analyse, write_report
from models.protocol import Protocol
from tests.analysis.study_marts import PARAMETERS, escc87_marts


def test_patients_whom_a_variant_moves_are_counted_and_printed(root: Path, protocol: Protocol, tmp_path: Path) -> None:
    """Entering and leaving count against the primary; moves count only patients whom both include."""
    changes = [
        ("included_by_the_variant", "INCLUDED", False, "false", "true"),
        ("left_out_by_the_variant", "INCLUDED", False, "true", "false"),
        ("left_out_by_the_variant", "BOR", False, "SD", None),
        ("stable_early", "BOR", True, "NE", "SD"),
        ("treated_again", "PFS", True, "2024-05-01 event", "2024-03-01 event"),
        ("treated_later", "PFS", True, "2024-06-01 event", "2024-04-01 event"),
    ]
    with duckdb.connect() as marts:
        escc87_marts(marts, protocol, root / "demo" / "escc87.csv")
        for key, item, in_both, before, after in changes:
            row = [protocol.study.id, "pfs_composite", "hospital_a", key, item, in_both, before, after]
            marts.execute("insert into marts.variant_differences values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        results = analyse(marts, protocol, PARAMETERS)
    write_report(results, protocol, {"release_id": "r"}, tmp_path)
    lines = (tmp_path / "tables" / "table_variants.csv").read_text(encoding="utf-8").splitlines()
    heading = lines[0].lstrip("\ufeff").split(",")
    printed = next(line.split(",") for line in lines if line.startswith("New therapy is an event of PFS"))
    moved = dict(zip(heading, printed, strict=True))
    assert (moved["Entering"], moved["Leaving"]) == ("1", "1")
    assert (moved["Best response"], moved["PFS"], moved["OS"], moved["Prior lines"]) == ("1", "2", "0", "0")
