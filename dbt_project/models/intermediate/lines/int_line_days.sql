-- One row per R2 parameter set, patient and day on which episodes begin, numbered in order.
-- R2.4: the episodes judged together, what older episodes still run, the last progression and scan by that day.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with candidates as (select * from {{ ref('int_line_candidates') }}),

events as (select * from {{ ref('int_line_events') }}),

days as (
    select
        {{ keys }},
        start_date,
        list(
            {
                'episode_id': episode_id,
                'is_planned_maintenance': is_planned_maintenance,
                'is_listed_maintenance': is_listed_maintenance,
                'is_gap_exempt': is_gap_exempt,
                'drug_last_dose_date': drug_last_dose_date,
                'ingredient_last_dose_date': ingredient_last_dose_date,
                'group_last_dose_date': group_last_dose_date
            }
        ) as episodes,
        max(last_dose_date) as last_dose_date,
        max(covered_through_date) as covered_through_date,
        bool_or(is_curative) as is_curative
    from candidates
    group by {{ keys }}, start_date
),

running as (
    select
        days.param_set_id,
        days.centre_id,
        days.patient_key,
        days.start_date,
        max(candidates.last_dose_date) as running_last_dose_date,
        max(candidates.covered_through_date) as running_covered_date
    from days
    inner join candidates
        on
            days.param_set_id = candidates.param_set_id
            and days.centre_id = candidates.centre_id
            and days.patient_key = candidates.patient_key
            and days.start_date > candidates.start_date
            and days.start_date <= candidates.last_dose_date
    group by days.param_set_id, days.centre_id, days.patient_key, days.start_date
),

observed as (
    select
        days.param_set_id,
        days.centre_id,
        days.patient_key,
        days.start_date,
        max(case when events.event_kind = 'PD' and events.event_date <= days.start_date then events.event_date end)
            as last_progression_date,
        max(case when events.event_kind = 'NONPD' and events.event_date <= days.start_date then events.event_date end)
            as last_nonpd_date,
        min(case when events.event_kind = 'ADVANCED' then events.event_date end) as advanced_date
    from days
    inner join events using ({{ keys }})
    group by days.param_set_id, days.centre_id, days.patient_key, days.start_date
),

numbered as (
    select
        days.*,
        running.running_last_dose_date,
        running.running_covered_date,
        observed.last_progression_date,
        observed.last_nonpd_date,
        observed.advanced_date,
        row_number() over (
            partition by days.param_set_id, days.centre_id, days.patient_key order by days.start_date
        ) as day_no
    from days
    left join running using ({{ keys }}, start_date)
    left join observed using ({{ keys }}, start_date)
)

select * from numbered
