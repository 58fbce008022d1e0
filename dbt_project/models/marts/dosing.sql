-- One row per study, variant, included patient and index component.
-- R7: doses, reductions, cycles, pauses, duration and relative dose intensity of the component in the index line.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R7'),

parameters as (select param_set_id, days_per_month from {{ ref('int_parameters_r7') }}),

derived as (select * from {{ ref('int_dosing') }}),

ends as (select * from {{ ref('int_dispositions') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.component,
        derived.drug_keys,
        derived.first_dose_date,
        derived.last_dose_date,
        coalesce(ends.is_ongoing, false) as is_ongoing,
        ends.reason as end_reason,
        cast(derived.duration_days as integer) as duration_days,
        derived.duration_days / parameters.days_per_month as duration_months,
        derived.initial_mg,
        derived.min_mg,
        derived.reduced,
        cast(derived.n_reductions as integer) as n_reductions,
        cast(derived.n_toxicity_reductions as integer) as n_toxicity_reductions,
        cast(derived.n_unexplained_reductions as integer) as n_unexplained_reductions,
        derived.reduction_reason,
        derived.escalated,
        derived.cycles_started,
        derived.cycles_completed,
        derived.n_interruptions,
        derived.n_delays,
        derived.delay_days,
        derived.n_omissions,
        cast(derived.doses_given as integer) as doses_given,
        derived.doses_planned,
        cast(derived.total_mg as decimal(18, 4)) as total_mg,
        derived.planned_initial_mg,
        derived.planned_label_mg,
        case
            when derived.is_label_reference then derived.planned_label_mg else derived.planned_initial_mg
        end as planned_mg,
        derived.rdi_initial_pct,
        derived.rdi_label_pct,
        case when derived.is_label_reference then derived.rdi_label_pct else derived.rdi_initial_pct end as rdi_pct,
        derived.is_rdi_above_max,
        derived.source_table,
        derived.source_file,
        derived.source_row
    from included
    inner join parameters on included.param_set_id = parameters.param_set_id
    inner join derived
        on
            included.param_set_id = derived.param_set_id
            and included.centre_id = derived.centre_id
            and included.patient_key = derived.patient_key
    left join ends
        on
            derived.param_set_id = ends.param_set_id
            and derived.centre_id = ends.centre_id
            and derived.patient_key = ends.patient_key
            and derived.component = ends.component
)

select * from published
