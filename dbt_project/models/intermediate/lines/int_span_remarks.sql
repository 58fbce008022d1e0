-- One row per span of exposure of whose rows one says more than day and dose.
-- R2.2, R2.4: imputed start, intent (the first), reason for stopping (the last) and planned maintenance. Few rows say
-- such things; the many others are not held in memory for them.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route, is_oral' %}
with spans as (select * from {{ ref('int_spans') }}),

remarks as (
    select
        {{ keys }}, start_date, start_flag, intent, reason_stop, planned_maintenance,
        {{ day_order('start_date', "row_key || '|' || part_no") }} as row_order
    from {{ ref('int_drug_rows_selected') }}
    where
        is_kept
        and source_kind <> 'RETURN'
        and coalesce(start_flag, intent, reason_stop, planned_maintenance) is not null
),

remarked as (
    select
        {{ keys }},
        spans.start_date,
        max(case when remarks.start_date = spans.start_date then remarks.start_flag end) as start_flag,
        {{ value_of_first('remarks.intent', 'remarks.row_order') }} as intent,
        {{ value_of_last('remarks.reason_stop', 'remarks.row_order') }} as reason_stop,
        max(remarks.planned_maintenance) as planned_maintenance
    from spans
    inner join remarks using ({{ keys }})
    where remarks.start_date between spans.start_date and spans.last_start_date
    group by {{ keys }}, spans.start_date
)

select * from remarked
