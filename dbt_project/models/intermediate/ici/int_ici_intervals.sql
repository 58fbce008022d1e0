-- One row per R4 parameter set and patient with an index date.
-- R4.2 to R4.6, R4.9: days from the last prior dose to the index date and the calendar gap, at both ends of an
-- imprecise date; progression, recovery and washout beside them.
with prior_ici as (select * from {{ ref('int_prior_ici') }}),

parameters as (select * from {{ ref('int_parameters_r4') }}),

progressed as (select * from {{ ref('int_ici_progressions') }}),

recovery as (select * from {{ ref('int_irae_recovery') }}),

washouts as (select * from {{ ref('int_washouts') }}),

measured as (
    select
        prior_ici.*,
        case
            when prior_ici.has_prior_ici then 'Y'
            when prior_ici.has_prior_dose or prior_ici.has_untold_line then 'U'
            else 'N'
        end as prior_ici,
        {{ days_between('prior_ici.last_prior_hi', 'prior_ici.index_date') }} as tfi_days_lo,
        {{ days_between('prior_ici.last_prior_lo', 'prior_ici.index_date') }} as tfi_days_hi,
        prior_ici.index_date
        > {{ months_after('prior_ici.last_prior_hi', 'parameters.ici_same_agent_min_months') }} as is_gap_at_hi,
        prior_ici.index_date
        > {{ months_after('prior_ici.last_prior_lo', 'parameters.ici_same_agent_min_months') }} as is_gap_at_lo,
        case
            when not prior_ici.has_prior_dose then null
            when progressed.patient_key is null then 'N'
            when progressed.is_after_known_dose then 'Y'
            else 'U'
        end as pd_after,
        parameters.ici_continuation_max_days,
        parameters.days_per_month,
        recovery.irae_ok,
        washouts.washout_days
    from prior_ici
    inner join parameters on prior_ici.param_set_id = parameters.param_set_id
    left join progressed
        on
            prior_ici.param_set_id = progressed.param_set_id
            and prior_ici.centre_id = progressed.centre_id
            and prior_ici.patient_key = progressed.patient_key
    left join recovery
        on
            prior_ici.param_set_id = recovery.param_set_id
            and prior_ici.centre_id = recovery.centre_id
            and prior_ici.patient_key = recovery.patient_key
    left join washouts
        on
            prior_ici.param_set_id = washouts.param_set_id
            and prior_ici.centre_id = washouts.centre_id
            and prior_ici.patient_key = washouts.patient_key
)

select * from measured
