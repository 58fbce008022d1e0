"""The sections of the report in their order. A section module yields what its results hold, nothing without them."""

from collections.abc import Callable, Iterator

from analysis.ard import Results
from analysis.report.section import Section
from analysis.report.sections import (
    baseline,
    centres,
    cohort,
    context,
    cox,
    data,
    dosing,
    draft,
    endpoints,
    exposure,
    incidence,
    landmark,
    methods,
    rechallenge,
    response,
    safety,
    variants,
)
from models.protocol import Protocol

Builder = Callable[[Results, Protocol], Iterator[Section]]

BUILDERS: tuple[Builder, ...] = (
    cohort.build,
    baseline.build,
    response.build,
    rechallenge.build,
    endpoints.build,
    landmark.build,
    incidence.build,
    cox.build,
    exposure.build,
    dosing.build,
    safety.build,
    centres.build,
    context.build,
    variants.build,
    draft.build,
    methods.build,
    data.build,
)


def build_sections(results: Results, protocol: Protocol) -> tuple[Section, ...]:
    """Every section that the results fill, in the language of the report (`analysis.report.language.speaking`)."""
    return tuple(section for build in BUILDERS for section in build(results, protocol))
