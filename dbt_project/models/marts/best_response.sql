-- One row per study, variant and included patient.
-- R5.4: best overall response up to progression, new therapy or cutoff; NE and MISSING keep their patients in the
-- denominator (R5.5).
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R5'),

derived as (select * from {{ ref('int_best_response') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.response_source,
        derived.bor,
        derived.bor_date,
        derived.bor_reason,
        derived.confirmed_bor,
        derived.confirmed_bor_date,
        derived.first_response_date,
        derived.first_confirmed_response_date,
        derived.pd_date,
        derived.n_assessments,
        derived.is_responder,
        derived.is_controlled,
        derived.is_cr_then_non_cr,
        derived.window_end_date,
        derived.window_end_reason,
        derived.is_clinical_benefit,
        derived.clinical_benefit_date,
        derived.has_baseline,
        derived.baseline_date,
        derived.baseline_imaging_date,
        derived.baseline_flag,
        derived.base_mm,
        derived.best_sum_mm,
        derived.best_pct_base,
        derived.best_sum_date,
        derived.depth_status,
        derived.has_new_lesion,
        derived.radiotherapy_date as target_radiotherapy_date,
        derived.investigator_bor,
        derived.independent_bor,
        derived.discordance,
        derived.pd_shift_days,
        derived.source_table,
        derived.source_file,
        derived.source_row
    from included
    inner join derived
        on
            included.param_set_id = derived.param_set_id
            and included.centre_id = derived.centre_id
            and included.patient_key = derived.patient_key
)

select * from published
