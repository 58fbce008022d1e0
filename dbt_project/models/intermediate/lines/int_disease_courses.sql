-- One row per R2 parameter set, patient, kind of disease event and day, as OMOP tells the course of a disease.
-- R2.7: first occurrence, progressions, recurrences, and remissions (a complete response after anything else).
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

r2_sets as (select param_set_id from {{ ref('int_parameters_r2') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

responses as (
    select
        *,
        lag(response) over (partition by {{ keys }} order by response_date) as previous_response
    from {{ ref('int_responses') }}
),

observed as (
    select
        {{ keys }}, progression_date as event_date,
        case progression_kind when 'RELAPSE' then 'RECURRENCE' else 'PROGRESSION' end as item
    from {{ ref('int_progressions') }}
    union
    select {{ keys }}, response_date as event_date, 'REMISSION' as item
    from responses
    where response = 'CR' and coalesce(previous_response, '') <> 'CR'
),

diagnosed as (
    select centre_id, patient_key, min(event_lo) as event_date
    from {{ ref('stg_disease_event') }}
    where event = 'DX' and event_lo is not null
    group by centre_id, patient_key
),

events as (
    select
        r2_sets.param_set_id,
        observed.centre_id,
        observed.patient_key,
        observed.item,
        observed.event_date
    from r2_sets
    inner join upstream on r2_sets.param_set_id = upstream.param_set_id
    inner join observed on upstream.upstream_param_set_id = observed.param_set_id
    union all
    select
        cutoffs.param_set_id,
        diagnosed.centre_id,
        diagnosed.patient_key,
        'FIRST_OCCURRENCE' as item,
        diagnosed.event_date
    from r2_sets
    inner join cutoffs on r2_sets.param_set_id = cutoffs.param_set_id
    inner join diagnosed on cutoffs.centre_id = diagnosed.centre_id
    where {{ by_cutoff('diagnosed.event_date', 'cutoffs.data_cutoff') }}
)

select * from events
