"""Why this date for this patient: everything derived about one patient, with rule, parameters and source row.

`read_trace` reads a released warehouse and derives nothing; `trace_text` and `write_trace_page` print it.
"""

from analysis.trace.page import write_trace_page
from analysis.trace.reading import Derivation, Event, PatientNotFound, Review, Source, Trace, find_patient, read_trace
from analysis.trace.text import trace_text

__all__ = [
    "Derivation",
    "Event",
    "PatientNotFound",
    "Review",
    "Source",
    "Trace",
    "find_patient",
    "read_trace",
    "trace_text",
    "write_trace_page",
]
