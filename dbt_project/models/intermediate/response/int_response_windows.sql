-- One row per R5 parameter set and patient with an index date.
-- R5.4: best response is judged up to the first progression, the start of another therapy (that day included) or the
-- cutoff, whichever comes first.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R3'
),

param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R5'),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date, data_cutoff
    from {{ ref('int_index') }}
    where index_date is not null
),

first_progressions as (
    select param_set_id, centre_id, patient_key, min(response_date) as pd_date
    from {{ ref('int_assessments_after_index') }}
    where is_progression
    group by param_set_id, centre_id, patient_key
),

new_therapies as (
    select param_set_id, centre_id, patient_key, min(therapy_date) as therapy_date
    from {{ ref('int_new_therapy_dates') }}
    where is_counted
    group by param_set_id, centre_id, patient_key
),

bounds as (
    select
        param_sets.param_set_id,
        index_dates.param_set_id as cohort_param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        index_dates.data_cutoff,
        first_progressions.pd_date,
        new_therapies.therapy_date,
        least(first_progressions.pd_date, new_therapies.therapy_date, index_dates.data_cutoff) as window_end_date
    from param_sets
    inner join upstream on param_sets.param_set_id = upstream.param_set_id
    inner join index_dates on upstream.upstream_param_set_id = index_dates.param_set_id
    left join first_progressions
        on
            index_dates.param_set_id = first_progressions.param_set_id
            and index_dates.centre_id = first_progressions.centre_id
            and index_dates.patient_key = first_progressions.patient_key
    left join new_therapies
        on
            param_sets.param_set_id = new_therapies.param_set_id
            and index_dates.centre_id = new_therapies.centre_id
            and index_dates.patient_key = new_therapies.patient_key
),

windows as (
    select
        *,
        case
            when window_end_date is null then 'NO_END'
            when pd_date = window_end_date then 'PD'
            when therapy_date = window_end_date then 'NEW_THERAPY'
            else 'CUTOFF'
        end as window_end_reason
    from bounds
)

select * from windows
