"""The interfaces at which SQL and reference are compared, in the order in which the rules build on each other."""

from tests.generated.comparison import Answers, Interface
from tests.generated.reading import Reading


def _exposure(reading: Reading) -> Answers:
    return [
        (key, e.start, e.last_dose, e.covered_through, e.is_ongoing)
        for key, episodes in reading.exposure.items()
        for e in episodes
    ]


def _progressions(reading: Reading) -> Answers:
    return list(reading.progression_kinds)


def _lines(reading: Reading) -> Answers:
    return [
        (
            line.line_seq,
            line.setting,
            line.is_counted,
            line.line_no,
            line.start,
            line.last_dose,
            " + ".join(line.regimen),
            line.advance_reason,
            ",".join(line.tags),
            line.enlist_label,
            line.n_progressions,
            line.lot_label,
            "Y" if line.pd_status_known else "N",
            line.maintenance and line.maintenance.start,
            line.maintenance and line.maintenance.end,
            line.maintenance and " + ".join(line.maintenance.regimen),
        )
        for line in reading.lines
    ]


def _index(reading: Reading) -> Answers:
    line_no = reading.index_line.line_no if reading.index.date else None
    return [(reading.index.status, reading.index.date, line_no)]


def _prior_ici(reading: Reading) -> Answers:
    if not reading.is_included:
        return []
    found = reading.prior_ici(irae_ok="U")
    return [
        (
            found.ici_class,
            found.same_agent,
            found.same_agent_ever,
            found.tfi_days_lo,
            found.tfi_days_hi,
            found.gap_gt_3m,
            found.pd_after,
        )
    ]


def _best_response(reading: Reading) -> Answers:
    if not reading.is_included:
        return []
    best = reading.best_response
    return [(best.bor, best.first_response_date, best.pd_date, best.n_assessments)]


def _survival(reading: Reading) -> Answers:
    if not reading.is_included:
        return []
    rows = [reading.endpoints.row(paramcd) for paramcd in ("OS", "PFS")]
    return [(r.paramcd, r.start, r.end, r.cnsr, r.aval_days, round(r.aval_months, 6)) for r in rows if r]


INTERFACES = {
    interface.name: interface
    for interface in (
        Interface(
            name="progressions",
            model="int_progressions",
            relation="intermediate.int_progressions",
            columns=("progression_date", "progression_kind"),
            reference=_progressions,
        ),
        Interface(
            name="exposure_episodes",
            model="int_exposure_episodes",
            relation="intermediate.int_exposure_episodes",
            columns=("drug_key", "start_date", "last_dose_date", "covered_through_date", "is_ongoing_at_cutoff"),
            reference=_exposure,
            after=("progressions",),
        ),
        Interface(
            name="lines_of_therapy",
            model="int_lines_of_therapy",
            relation="intermediate.int_lines_of_therapy",
            columns=(
                "line_seq",
                "setting",
                "is_counted",
                "line_no",
                "start_date",
                "last_dose_date",
                "regimen",
                "advance_reason",
                "coalesce(array_to_string(list_sort(list_distinct(regexp_split_to_array(tags, ', *'))), ','), '')",
                "enlist_label",
                "n_progressions",
                "lot_label",
                "pd_status_known",
                "maintenance_start_date",
                "maintenance_end_date",
                "maintenance_regimen",
            ),
            reference=_lines,
            after=("exposure_episodes",),
        ),
        Interface(
            name="index_dates",
            model="study_cohort",
            relation="warehouse.marts.study_cohort",
            columns=("index_status", "index_date", "index_line_no"),
            reference=_index,
            after=("lines_of_therapy",),
        ),
        Interface(
            name="treatment_free_intervals",
            model="treatment_free_intervals",
            relation="warehouse.marts.treatment_free_intervals",
            columns=(
                "ici_class",
                "same_agent",
                "same_agent_ever",
                "tfi_days_lo",
                "tfi_days_hi",
                "gap_gt_3m",
                "pd_after",
            ),
            reference=_prior_ici,
            after=("index_dates",),
        ),
        Interface(
            name="best_response",
            model="best_response",
            relation="warehouse.marts.best_response",
            columns=("bor", "first_response_date", "pd_date", "n_assessments"),
            reference=_best_response,
            after=("index_dates",),
        ),
        Interface(
            name="survival_times",
            model="survival_times",
            relation="warehouse.marts.survival_times",
            columns=("paramcd", "start_date", "end_date", "cnsr", "aval_days", "round(aval_months, 6)"),
            reference=_survival,
            after=("index_dates",),
        ),
    )
}
