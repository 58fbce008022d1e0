-- One row per R2 parameter set, patient and line of therapy.
-- R2.5: a curative course counts when the disease was advanced within six months of its last dose; chemotherapy beside
-- palliative radiotherapy counts unless it is known to be a radiosensitiser only. Progressions in the line (R2.6).
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with openings as (select * from {{ ref('int_line_openings') }}),

last_doses as (select * from {{ ref('int_line_last_doses') }}),

radiosensitisers as (select {{ keys }}, line_seq, counts from {{ ref('int_line_radiosensitisers') }}),

parameters as (select param_set_id, curative_to_line_months from {{ ref('int_parameters_r2') }}),

events as (select * from {{ ref('int_line_events') }}),

advanced as (select {{ keys }}, event_date as advanced_date from events where event_kind = 'ADVANCED'),

progressed as (
    select
        openings.param_set_id,
        openings.centre_id,
        openings.patient_key,
        openings.line_seq,
        cast(count(distinct events.event_date) as integer) as n_progressions
    from openings
    inner join events using ({{ keys }})
    where
        events.event_kind = 'PD'
        and events.event_date > openings.start_date
        and events.event_date <= coalesce(openings.next_start_date, events.event_date)
    group by openings.param_set_id, openings.centre_id, openings.patient_key, openings.line_seq
),

settings as (
    select
        {{ keys }},
        line_seq,
        case when openings.is_curative then 'CURATIVE' else 'PALLIATIVE' end as setting,
        case
            when openings.is_curative
                then coalesce(
                    advanced.advanced_date
                    <= {{ months_after('last_doses.last_dose_date', 'parameters.curative_to_line_months') }},
                    false
                )
            else coalesce(radiosensitisers.counts, 'Y') <> 'N'
        end as is_counted,
        coalesce(radiosensitisers.counts <> 'Y', false) as is_crt_review,
        coalesce(progressed.n_progressions, 0) as n_progressions
    from openings
    inner join last_doses using ({{ keys }}, line_seq)
    inner join parameters using (param_set_id)
    left join advanced using ({{ keys }})
    left join progressed using ({{ keys }}, line_seq)
    left join radiosensitisers using ({{ keys }}, line_seq)
)

select * from settings
