"""Baseline characteristics."""

from collections.abc import Iterator

from analysis.ard import Place, Results
from analysis.estimates.response import RECHALLENGE
from analysis.report import tables
from analysis.report.language import tr
from analysis.report.section import Block, Section
from models.protocol import Protocol


def build(results: Results, protocol: Protocol) -> Iterator[Section]:
    """Table 1, and the interval since an earlier checkpoint inhibitor."""
    blocks: list[Block] = [tables.table_one(results, protocol)]
    rechallenge = Place(RECHALLENGE)
    if results.has(rechallenge, "n_prior_ici") and results.number(rechallenge, "n_prior_ici").value:
        blocks.append(tables.rechallenge_table(results))
    yield Section("baseline", (tr("Baseline characteristics"),), tr("Baseline"), tuple(blocks))
