-- One row per R6 parameter set, start of the time at risk, patient, event that happened, and component (or ALL).
-- R6.2: the dates from which endpoints are made, each with its imputation flag, its reason and the row that it came
-- from.
{%- set keys = 'param_set_id, at_risk_from, centre_id, patient_key' %}
{%- set set_keys = 'param_set_id, centre_id, patient_key' %}
with observed as (select * from {{ ref('int_observation_ends') }}),

last_assessments as (
    select
        {{ keys }},
        max(evaluable_date) as event_date,
        {{ value_of_last('reason', 'evaluable_date') }} as reason,
        {{ value_of_last('source_table', 'evaluable_date') }} as source_table,
        {{ value_of_last('source_file', 'evaluable_date') }} as source_file,
        {{ value_of_last('source_row', 'evaluable_date') }} as source_row
    from {{ ref('int_evaluable_assessments') }}
    group by {{ keys }}
),

last_alive as (select * from {{ ref('int_last_known_alive') }}),

treatment_ends as (select * from {{ ref('int_treatment_ends') }}),

events as (
    {%- for model in ['int_time_starts', 'int_first_progressions', 'int_next_therapies'] %}
        select
            {{ keys }}, event, 'ALL' as component, event_date, event_date_flag, reason, source_table, source_file,
            source_row
        from {{ ref(model) }}
        union all
    {%- endfor %}
    select
        {{ keys }}, case when death_status = 'ACCEPTED' then 'DEATH' else 'DEATH_DISPUTED' end as event,
        'ALL' as component, death_date as event_date, death_date_flag as event_date_flag, death_source as reason,
        death_source_table as source_table, death_source_file as source_file, death_source_row as source_row
    from observed
    where death_date is not null
    union all
    select
        {{ keys }}, 'DEATH_' || coalesce(cause_class, 'OF_UNKNOWN_CAUSE') as event, 'ALL' as component,
        death_date as event_date, death_date_flag as event_date_flag, death_source as reason, 'death' as source_table,
        death_source_file as source_file, death_source_row as source_row
    from observed
    where death_status = 'ACCEPTED'
    union all
    select
        {{ keys }}, 'LAST_KNOWN_ALIVE' as event, 'ALL' as component,
        greatest(last_alive.last_known_alive_date, observed.at_risk_date) as event_date, '' as event_date_flag,
        coalesce(upper(last_alive.source_table), 'REGISTRY_COMPLETE') as reason, last_alive.source_table,
        last_alive.source_file, last_alive.source_row
    from observed
    inner join last_alive using ({{ set_keys }})
    union all
    select
        {{ keys }}, 'LAST_EVALUABLE_ASSESSMENT' as event, 'ALL' as component, event_date, '' as event_date_flag, reason,
        source_table, source_file, source_row
    from last_assessments
    union all
    select
        {{ keys }},
        case
            when ends.is_ongoing then 'TREATMENT_ONGOING' when ends.is_lost then 'TREATMENT_LOST' else 'TREATMENT_ENDED'
        end as event,
        ends.component, greatest(ends.last_dose_date, observed.at_risk_date) as event_date, '' as event_date_flag,
        ends.end_reason as reason, ends.source_table, ends.source_file, ends.source_row
    from observed
    inner join treatment_ends as ends using ({{ set_keys }})
),

counted as (
    select events.*
    from events
    inner join observed using ({{ keys }})
    where
        events.event in ('INDEX', 'LINE', 'DIAGNOSIS', 'DEATH_DISPUTED')
        or observed.is_open_ended
        or events.event_date <= observed.last_counted_date
)

select * from counted
