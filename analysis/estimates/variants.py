"""How many patients each variant of a study moves, from marts.variant_differences."""

from analysis.ard import Place, Recorder
from analysis.marts import StudyMarts
from models.protocol import Protocol

VARIANTS = "variants"
SOURCE = "marts.variant_differences"
COHORT_ITEMS = ("INDEX_DATE", "PRIOR_LINES")
RESPONSE_ITEM = "BOR"


def moved_items(protocol: Protocol) -> tuple[str, ...]:
    """Items whose changes are counted: index, prior lines, best response and the study's endpoints."""
    response = (RESPONSE_ITEM,) if protocol.analysis.response else ()
    return (*COHORT_ITEMS, *response, *(endpoint.paramcd for endpoint in protocol.analysis.endpoints))


def analyse_variants(marts: StudyMarts, protocol: Protocol, record: Recorder) -> None:
    """Patients included, entering, leaving and moved, variant by variant; moves are among those included in both."""
    for variant in protocol.variants:
        place = Place(VARIANTS, group_name="variant", group_level=variant.name)
        included, entering, leaving = marts.connection.execute(
            "select (select count(*) from marts.study_cohort where study_id = ? and variant = ? and is_included), "
            "count(*) filter (variant_value = 'true'), count(*) filter (primary_value = 'true') "
            f"from {SOURCE} where study_id = ? and variant = ? and item = 'INCLUDED'",
            [marts.study_id, variant.name, marts.study_id, variant.name],
        ).fetchall()[0]
        counts = {"n": included, "n_entering": entering, "n_leaving": leaving}
        record.add_all(place, counts, source=SOURCE)
        moved = dict(
            marts.connection.execute(
                f"select item, count(*) from {SOURCE} where study_id = ? and variant = ? and is_included_in_both "
                "group by item",
                [marts.study_id, variant.name],
            ).fetchall()
        )
        for item in moved_items(protocol):
            at = Place(VARIANTS, group_name="variant", group_level=variant.name, variable=item)
            record.add(at, "n_moved", moved.get(item, 0), source=SOURCE, n=marts.n - leaving)
