-- One row per R2 parameter set, patient, kind of event and day.
-- R2.4: what lines look at: progressions (PD), evaluable assessments without one (NONPD), advanced disease (ADVANCED).
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

r2_sets as (select param_set_id from {{ ref('int_parameters_r2') }}),

observed as (
    select param_set_id, centre_id, patient_key, 'PD' as event_kind, progression_date as event_date
    from {{ ref('int_progressions') }}
    union
    select param_set_id, centre_id, patient_key, 'NONPD' as event_kind, response_date as event_date
    from {{ ref('int_responses') }}
    where is_evaluable = 'Y'
    union
    select param_set_id, centre_id, patient_key, 'ADVANCED' as event_kind, advanced_date as event_date
    from {{ ref('int_advanced_dates') }}
),

events as (
    select
        r2_sets.param_set_id,
        observed.centre_id,
        observed.patient_key,
        observed.event_kind,
        observed.event_date
    from r2_sets
    inner join upstream on r2_sets.param_set_id = upstream.param_set_id
    inner join observed on upstream.upstream_param_set_id = observed.param_set_id
)

select * from events
