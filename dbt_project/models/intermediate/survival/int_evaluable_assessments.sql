-- One row per R6 parameter set, start of the time at risk, patient and day in it without progression.
-- R6.2, R5.1.5: CR, PR, SD and NON-CR/NON-PD say that there was none on the day of the response, and up to the last
-- evaluable scan of the time point; NE says nothing.
{%- set keys = ['param_set_id', 'at_risk_from', 'centre_id', 'patient_key'] %}
{{ config(materialized='view') }}

with observed as (select * from {{ ref('int_observation_ends') }}),

assessments as (select * from {{ ref('int_assessments_after_index') }} where is_evaluable),

evaluated_days as (
    select *, response_date as evaluable_date from assessments
    union all
    select *, last_evaluable_date as evaluable_date from assessments where last_evaluable_date <> response_date
),

evaluable as (
    select
        {{ columns_of('observed', keys) }},
        days.evaluable_date,
        {{ value_of_last('days.response', '(days.response_date, days.row_key)') }} as response,
        {{ value_of_last(
            "case when days.is_adjudicated then 'ADJUDICATED' else days.response end", '(days.response_date, days.row_key)'
        ) }} as reason,
        {{ value_of_last('days.source_table', '(days.response_date, days.row_key)') }} as source_table,
        {{ value_of_last('days.source_file', '(days.response_date, days.row_key)') }} as source_file,
        {{ value_of_last('days.source_row', '(days.response_date, days.row_key)') }} as source_row
    from observed
    inner join evaluated_days as days
        on
            observed.cohort_param_set_id = days.param_set_id
            and observed.centre_id = days.centre_id
            and observed.patient_key = days.patient_key
            and observed.at_risk_date < days.evaluable_date
    where observed.is_open_ended or days.evaluable_date <= observed.last_counted_date
    group by
        {{ columns_of('observed', keys) }},
        days.evaluable_date
)

select * from evaluable
