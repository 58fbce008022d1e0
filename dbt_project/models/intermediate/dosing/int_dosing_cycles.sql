-- One row per R7 parameter set, patient and index component with dated doses.
-- R7.1, R7.3: on-phases and infusions are cycles; interruptions, delays and omissions are counted as events. Drugs of a
-- component that are given on one day make one cycle.
{%- set patient = 'param_set_id, centre_id, patient_key, component' %}
with courses as (
    select
        {{ patient }}, drug_key, start_date, end_date, n_phases_started as cycles_started,
        n_phases_completed as cycles_completed, cast(is_interruption as integer) as interruptions,
        cast(counted_delay_days > 0 as integer) as delays,
        counted_delay_days as delay_days, 0 as omissions
    from {{ ref('int_oral_phases') }}
    union all
    select
        {{ patient }}, drug_key, start_date, end_date, 1 as cycles_started, 1 as cycles_completed,
        0 as interruptions, cast(is_delay as integer) as delays,
        case when is_delay then interval_days - previous_cycle_days else 0 end as delay_days,
        cast(is_omission as integer) as omissions
    from {{ ref('int_infusions') }}
),

by_day as (
    select
        {{ patient }},
        start_date,
        max(end_date) as end_date,
        max(cycles_started) as cycles_started,
        max(cycles_completed) as cycles_completed,
        max(interruptions) as interruptions,
        max(delays) as delays,
        max(delay_days) as delay_days,
        max(omissions) as omissions
    from courses
    group by {{ patient }}, start_date
),

counted as (
    select
        {{ patient }},
        min(start_date) as first_dose_date,
        max(end_date) as last_dose_date,
        cast(sum(cycles_started) as integer) as cycles_started,
        cast(sum(cycles_completed) as integer) as cycles_completed,
        cast(sum(interruptions) as integer) as n_interruptions,
        cast(sum(delays) as integer) as n_delays,
        cast(sum(delay_days) as integer) as delay_days,
        cast(sum(omissions) as integer) as n_omissions
    from by_day
    group by {{ patient }}
)

select * from counted
