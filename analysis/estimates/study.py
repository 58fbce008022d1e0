"""All analyses of one study and variant, in the order of the report."""

from collections.abc import Mapping

import duckdb

from analysis.ard import Recorder, Results
from analysis.conventions import read_conventions
from analysis.estimates import (
    baseline,
    centre_effects,
    centres,
    cohort,
    context,
    dosing,
    exposure,
    hazards,
    identities,
    incidence,
    interactions,
    landmark,
    lanes,
    missing,
    rechallenge,
    regression,
    response,
    response_subgroups,
    safety,
    survival,
    variants,
)
from analysis.marts import StudyMarts
from models.protocol import PRIMARY, Protocol


def analyse_study(
    connection: duckdb.DuckDBPyConnection, protocol: Protocol, parameters: Mapping[str, str], variant: str
) -> Results:
    """Compute every number (see `analysis.analyse`)."""
    conventions = read_conventions(parameters)
    marts = StudyMarts(connection, protocol.study.id, variant)
    record = Recorder(protocol.study.id, variant)
    cohort.analyse_flow(marts, record)
    cohort.analyse_sources(marts, record)
    cohort.analyse_conventions(parameters, record)
    baseline.analyse_table_one(marts, protocol, conventions, record)
    if protocol.analysis.response:
        response.analyse_response(marts, protocol, conventions, record)
    survival.analyse_survival(marts, protocol, conventions, record)
    missing.analyse_missing(marts, protocol, record)
    regression.analyse_cox(marts, protocol, conventions, record)
    hazards.analyse_hazards(marts, protocol, conventions, record)
    if variant == PRIMARY and protocol.analysis.response:
        response_subgroups.analyse_response_by(marts, protocol, record)
        lanes.analyse_lanes(marts, parameters, record)
        rechallenge.analyse_rechallenge(marts, protocol, conventions, record)
        landmark.analyse_landmark(marts, protocol, conventions, record)
    safety.analyse_adverse_events(marts, record)
    dosing.analyse_dosing(marts, conventions, record)
    dosing.analyse_disposition(marts, conventions, record)
    identities.analyse_identities(marts, protocol, record)
    if variant == PRIMARY:
        context.analyse_context(protocol, record)
        centres.analyse_centres(marts, protocol, conventions, record)
        centre_effects.analyse_centre_effects(marts, protocol, conventions, record)
        incidence.analyse_incidence(marts, protocol, record)
        exposure.analyse_exposure(marts, protocol, conventions, record)
        interactions.analyse_interactions(marts, protocol, conventions, record)
        variants.analyse_variants(marts, protocol, record)
    return record.results()
