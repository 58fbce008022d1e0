"""The drafted Results section: sentences for what the results hold, every number a reference into them."""

from collections.abc import Iterator

from analysis.ard import Results
from analysis.report.draft import patients, times, treatment
from analysis.report.language import tr
from analysis.report.parts import Text, sentences
from models.protocol import Protocol


def draft_paragraphs(results: Results, protocol: Protocol) -> Iterator[tuple[str, Text]]:
    """Heading and paragraph of each part of the section; nothing where the results hold nothing."""
    parts = {
        tr("Patients"): [
            *patients.cohort(results, protocol),
            *patients.baseline(results, protocol),
            *patients.rechallenge(results),
        ],
        tr("Response"): [*patients.response(results), *times.endpoint(results, protocol, times.RESPONSE_DURATION)],
        tr("Survival"): list(times.survival(results, protocol)),
        tr("Subgroups"): list(times.subgroups(results, protocol)),
        tr("Prognostic factors"): list(times.factors(results, protocol)),
        tr("Treatment"): list(treatment.exposure(results, protocol)),
        tr("Safety"): list(treatment.safety(results)),
    }
    for heading, texts in parts.items():
        if texts:
            yield heading, sentences(texts)
