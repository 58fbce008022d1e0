-- One row per R2 parameter set, patient, oral drug and span of intake counted from fills.
-- R2.2: first and last on-day, days covered, delays between segments; segments brought back whole do not count.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route' %}
with fills as (select * from {{ ref('int_oral_segments') }}),

segments as (
    select
        {{ keys }},
        span_no,
        segment_no,
        segment_start_date,
        on_days_per_cycle,
        cycle_days,
        max(fill_date) as last_fill_date,
        {{ value_of_last('segment_on_days', 'fill_no') }} as on_days,
        max(delay_days) as delay_days,
        {{ complete_sum('total_mg') }} as total_mg
    from fills
    group by {{ keys }}, span_no, segment_no, segment_start_date, on_days_per_cycle, cycle_days
),

taken as (
    select
        *,
        {{ days_after('segment_start_date', calendar_days('on_days', 'on_days_per_cycle', 'cycle_days') ~ ' - 1') }}
            as covered_through_date,
        {{ days_after('segment_start_date', calendar_days('on_days - 1', 'on_days_per_cycle', 'cycle_days')) }}
            as last_dose_date
    from segments
    where on_days > 0
),

spans as (
    select
        {{ keys }},
        min(segment_start_date) as start_date,
        max(last_fill_date) as last_start_date,
        max(last_dose_date) as last_dose_date,
        max(covered_through_date) as covered_through_date,
        cast(sum(on_days) as integer) as on_days,
        {{ complete_sum('total_mg') }} as total_mg,
        max(cycle_days) as cycle_days,
        cast(sum(case when delay_days > 0 then 1 else 0 end) as integer) as n_delays,
        cast(sum(delay_days) as integer) as delay_days
    from taken
    group by {{ keys }}, span_no
)

select * from spans
