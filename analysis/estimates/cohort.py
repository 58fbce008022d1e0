"""Who is in the study and where the rows come from: flowchart, cutoffs, centres, deliveries, parameters."""

from collections.abc import Mapping

from analysis.ard import Place, Recorder
from analysis.marts import StudyMarts

ATTRITION = "marts.attrition"
REASONS = "marts.attrition_reasons"
COHORT = "marts.study_cohort"
LANDING = "quality.landing"
CHECKS = "quality.checks"
STEP_COUNTS = ("n_in", "n_not_met", "n_unknown_excluded", "n_unknown_kept", "n_out")
LANDING_COUNTS = ("rows_emitted", "rows_landed", "rows_quarantined", "rows_duplicate")


def analyse_flow(marts: StudyMarts, record: Recorder) -> None:
    """Screened and included patients, and the counts of each step with the reasons of those who left at it."""
    screened, included = marts.select(
        f"select count(*), count(*) filter (is_included) from {COHORT} where study_id = ? and variant = ?"
    )[0]
    record.add(Place("cohort"), "n_screened", screened, source=COHORT)
    record.add(Place("cohort"), "n", included, source=COHORT)
    for criterion, *counts in marts.select(
        f"select criterion_id, {', '.join(STEP_COUNTS)} from {ATTRITION} "
        "where study_id = ? and variant = ? order by step"
    ):
        place = Place("attrition", variable=criterion)
        record.add_all(place, dict(zip(STEP_COUNTS, counts, strict=True)), source=ATTRITION)
        record.add(place, "n_left", counts[0] - counts[-1], source=ATTRITION)
    for criterion, status, reason, count in marts.select(
        f"select criterion_id, status, reason, n_patients from {REASONS} where study_id = ? and variant = ? "
        "order by step, n_patients desc, reason"
    ):
        place = Place("attrition_reasons", None, "status", status, criterion, reason)
        record.add(place, "n", count, source=REASONS)


def analyse_sources(marts: StudyMarts, record: Recorder) -> None:
    """Cutoff of each centre; deliveries, landed rows and exceeded checks of the release."""
    for centre, cutoff in marts.select(
        f"select centre_id, max(data_cutoff)::varchar from {COHORT} "
        "where study_id = ? and variant = ? group by centre_id order by centre_id"
    ):
        place = Place("centres", group_name="centre", group_level=centre)
        text = cutoff or "none (relative days)"
        record.add(place, "data_cutoff", None, text=text, source=COHORT)
    deliveries = marts.connection.execute(
        "select centre_id, count(*), max(extract_date)::varchar from meta.deliveries "
        "group by centre_id order by centre_id"
    ).fetchall()
    for centre, count, newest in deliveries:
        place = Place("deliveries", group_name="centre", group_level=centre)
        record.add(place, "n", count, source="meta.deliveries")
        record.add(place, "newest_extract", None, text=newest or "not dated", source="meta.deliveries")
    sums = ", ".join(f"sum({name})::bigint" for name in LANDING_COUNTS)
    for table, *counts in marts.connection.execute(
        f"select table_name, {sums} from {LANDING} group by table_name order by table_name"
    ).fetchall():
        place = Place("landing", variable=table)
        record.add_all(place, dict(zip(LANDING_COUNTS, counts, strict=True)), source=LANDING)
    _exceeded_checks(marts, record)


def _exceeded_checks(marts: StudyMarts, record: Recorder) -> None:
    """Data-quality checks beyond their tolerance: those of the warehouse and those of this study and variant."""
    for check, table, centre, meaning, tolerance, failed, looked_at in marts.select(
        "select check_id, table_name, coalesce(centre_id, 'all'), fires_when, tolerance_pct::double, n_fail, n_rows "
        f"from {CHECKS} where is_exceeded and (study_id is null or (study_id = ? and variant = ?)) order by all"
    ):
        place = Place("checks", None, "centre", centre, check, table)
        record.add(place, "fires_when", None, text=meaning, source=CHECKS)
        record.add(place, "tolerance", None, text=f"{tolerance:g}%", source=CHECKS)
        record.add_all(place, {"n_fail": failed, "n_rows": looked_at}, source=CHECKS)


def analyse_conventions(parameters: Mapping[str, str], record: Recorder) -> None:
    """The parameters behind the numbers, as they were when the numbers were made."""
    for name, value in parameters.items():
        record.add(Place("parameters", variable=name), "value", None, text=value, source="meta.parameters")
