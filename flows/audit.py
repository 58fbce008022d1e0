"""`oncomart audit FILE`: what the printed numbers of a publication cannot say together."""

import shutil
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from analysis.audit import Finding, Rule, Severity, TableAudit, audit_table, parse_table
from flows.console import count
from models.errors import BadInput

CONFLICTS_FOUND = 3
"""Exit code: the file was read, and it holds numbers that contradict each other."""

MEANINGS = {
    Severity.IMPOSSIBLE: "no data give this number",
    Severity.INCONSISTENT: "each number could be, but not both",
    Severity.CONVENTION: "possible, but not by the method that is named or used elsewhere",
}

_WIDEST = 140
_PLACE, _ENTRY, _GAP = 22, 30, 2


def run_audit(file: Path) -> int:
    """Print what a file of published numbers contradicts; returns the exit code.

    Raises:
        BadInput: the file is missing, is not UTF-8, or an entry cannot be understood.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} cannot be read: {error}.") from error
    audited = audit_table(parse_table(text, str(file)))
    width = min(shutil.get_terminal_size((120, 24)).columns, _WIDEST)
    sys.stdout.write("\n".join(audit_lines(audited, width)) + "\n")
    return CONFLICTS_FOUND if audited.findings else 0


def audit_lines(audited: TableAudit, width: int) -> Iterator[str]:
    """The audit as lines of text: a heading, one block a rule, and the counts."""
    publication = audited.table.publication
    for words in (publication.title, publication.source):
        yield from textwrap.wrap(words, width)
    entries = sum(len(place.entries) for place in audited.table.places)
    yield f"{count(entries, 'entry').replace('entrys', 'entries')} in {count(len(audited.table.places), 'place')}"
    for severity in Severity:
        for rule, findings in _by_rule(audited.findings, severity).items():
            yield ""
            yield from textwrap.wrap(f"{severity.upper()} ({len(findings)}): {rule}", width)
            yield "-" * width
            for finding in findings:
                cells = (finding.place, finding.entry, finding.conflict.arithmetic)
                yield from _row(cells, (_PLACE, _ENTRY, width - _PLACE - _ENTRY - 2 * _GAP))
    yield ""
    yield from _counts(audited)


def _by_rule(findings: Sequence[Finding], severity: Severity) -> dict[Rule, list[Finding]]:
    found: dict[Rule, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.conflict.severity == severity:
            found[finding.conflict.rule].append(finding)
    return found


def _row(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    """One row of a table whose cells are wrapped to their columns."""
    wrapped = [textwrap.wrap(cell, max(width, 10)) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        line = (part.ljust(width) for part, width in zip(parts, widths, strict=True))
        yield (" " * _GAP).join(line).rstrip()


def _counts(audited: TableAudit) -> Iterator[str]:
    n = len(audited.findings)
    yield f"{count(audited.n_checks, 'check')}, {count(n, 'conflict')}{'' if n else ': nothing contradicts itself'}"
    for severity, meaning in MEANINGS.items():
        found = sum(finding.conflict.severity == severity for finding in audited.findings)
        if found:
            yield f"  {found:>3} {severity}: {meaning}"
