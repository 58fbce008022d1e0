"""The reference's rule objects, filled from `params.csv`."""

from collections.abc import Mapping
from decimal import Decimal

from tests.reference.dosing import DosingRules
from tests.reference.exposure import InfusionRules, Schedule
from tests.reference.lines import LineRules
from tests.reference.prior_ici import IciRules
from tests.reference.recist import RecistRules
from tests.reference.response import ResponseRules
from tests.reference.sources import BaselineRules
from tests.reference.survival import SurvivalRules


def infusion_rules(values: Mapping[str, str]) -> InfusionRules:
    return InfusionRules(
        iv_max_interval_factor=int(values["iv_max_interval_factor"]),
        iv_max_interval_extra=int(values["iv_max_interval_extra"]),
        tbp_max_gap_days=int(values["tbp_max_gap_days"]),
    )


def anlotinib_schedule(values: Mapping[str, str]) -> Schedule:
    return Schedule(int(values["oral_on_days"]), int(values["oral_cycle_days"]))


def line_rules(values: Mapping[str, str]) -> LineRules:
    return LineRules(
        combo_window_days=int(values["combo_window_days"]),
        line_gap_days=int(values["line_gap_days"]),
        tbp_max_gap_days=int(values["tbp_max_gap_days"]),
        nonpd_max_age_days=int(values["nonpd_max_age_days"]),
        unknown_pd_policy=values["unknown_pd_policy"],
        curative_to_line_months=int(values["curative_to_line_months"]),
        neoadj_to_surgery_max_days=int(values["neoadj_to_surgery_max_days"]),
        adj_start_max_days=int(values["adj_start_max_days"]),
        definitive_rt_min_gy=int(values["definitive_rt_min_gy"]),
        gap_exempt_drugs=tuple(drug for drug in values["gap_exempt_drugs"].split("|") if drug),
        maintenance_drugs=tuple(drug for drug in values["maintenance_drugs"].split("|") if drug),
        switch_maint_max_days=int(values["switch_maint_max_days"]),
        maintenance_min_cycles=int(values["maintenance_min_cycles"]),
    )


def ici_rules(values: Mapping[str, str]) -> IciRules:
    return IciRules(
        ici_same_agent_min_months=int(values["ici_same_agent_min_months"]),
        ici_continuation_max_days=int(values["ici_continuation_max_days"]),
        irae_max_grade=int(values["irae_max_grade"]),
        combo_window_days=int(values["combo_window_days"]),
    )


def response_rules(values: Mapping[str, str]) -> ResponseRules:
    return ResponseRules(
        sd_min_days=int(values["sd_min_days"]),
        confirm_days=int(values["confirm_days"]),
        confirm_max_ne=int(values["confirm_max_ne"]),
        confirm_accept_sd=values["confirm_accept_sd"],
    )


def survival_rules(values: Mapping[str, str]) -> SurvivalRules:
    return SurvivalRules(
        tte_add_one=int(values["tte_add_one"]),
        days_per_month=float(values["days_per_month"]),
        activity_after_death_days=int(values["activity_after_death_days"]),
        values=values,
    )


def recist_rules(values: Mapping[str, str]) -> RecistRules:
    return RecistRules(
        tp_window_days=int(values["tp_window_days"]),
        tstm_mm=Decimal(values["tstm_mm"]),
        node_normal_mm=Decimal(values["node_normal_mm"]),
        pd_increase_percent=int(values["pd_increase_percent"]),
        pd_increase_mm=Decimal(values["pd_increase_mm"]),
        pr_decrease_percent=int(values["pr_decrease_percent"]),
    )


def baseline_rules(values: Mapping[str, str]) -> BaselineRules:
    return BaselineRules(
        bl_imaging_before=int(values["bl_imaging_before"]),
        bl_imaging_late_after=int(values["bl_imaging_late_after"]),
        response_source_priority=values["response_source_priority"].split(">"),
    )


def dosing_rules(values: Mapping[str, str]) -> DosingRules:
    return DosingRules(
        on_phase_min_on_days=int(values["on_phase_min_on_days"]),
        on_phase_min_off_days=int(values["on_phase_min_off_days"]),
        interruption_on_days=int(values["interruption_on_days"]),
        delay_iv_days=int(values["delay_iv_days"]),
        omission_iv_cycles=int(values["omission_iv_cycles"]),
        omission_iv_tolerance_days=int(values["omission_iv_tolerance_days"]),
        rdi_max_pct=int(values["rdi_max_pct"]),
        oral_grace_days=int(values["oral_grace_days"]),
    )
