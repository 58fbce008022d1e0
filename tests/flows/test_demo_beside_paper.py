"""The demo hospital gives the paper's numbers too, from raw extracts and not from a table of results."""

import csv
from pathlib import Path

import duckdb

from analysis import analyse
from models.parameters import ParameterBook
from models.protocol import parse_protocol
from tests.analysis.paper_beside_ours import DEMO, PAPER_CONVENTIONS, read_paper, side_by_side, with_every_factor
from tests.flows.conftest import ROOT

TOLD_APART = {("stopped for progression or death", "count")}
"""Numbers that the demo prints as two: treatment stopped at progression, and treatment ended by death."""


def test_the_demo_prints_the_published_numbers_or_the_reason_is_given(demo_home: Path) -> None:
    """Response, survival, safety, doses and Table 1 are printed as in the paper wherever numbers can be so at all."""
    file = ROOT / "studies" / "anlotinib_pd1_escc.toml"
    protocol = with_every_factor(parse_protocol(file.read_text(encoding="utf-8"), file.name))
    with (ROOT / "dbt_project" / "seeds" / "params.csv").open(encoding="utf-8", newline="") as rows:
        defaults = ParameterBook(csv.DictReader(rows)).values("R9", {})
    with duckdb.connect(str(demo_home / "current" / "warehouse.duckdb"), read_only=True) as connection:
        demo = analyse(connection, protocol, {**defaults, **PAPER_CONVENTIONS})
    silent = [
        f"{row.quantity}, {row.field}: {row.paper}, ours {row.ours}"
        for row in side_by_side(read_paper(), demo, demo, DEMO)
        if not row.agrees and not row.reason and (row.quantity, row.field) not in TOLD_APART
    ]
    assert not silent
