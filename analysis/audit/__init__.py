"""What printed numbers cannot say together: the audit of a study's own results, and of any published table.

Both use the same checks on values (`checks`, `ratios`, `curves`), which take every printed number as the range that
rounds to it, so that a finding is a proof.
"""

from analysis.audit.conflict import Conflict, Finding, Rule, Severity
from analysis.audit.own import Audit, AuditCount, audit
from analysis.audit.published import TableAudit, audit_table
from analysis.audit.table_file import PublishedTable, TableFileError, parse_table

__all__ = [
    "Audit",
    "AuditCount",
    "Conflict",
    "Finding",
    "PublishedTable",
    "Rule",
    "Severity",
    "TableAudit",
    "TableFileError",
    "audit",
    "audit_table",
    "parse_table",
]
