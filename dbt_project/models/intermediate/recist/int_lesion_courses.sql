-- One row per RS parameter set, patient, reader and course of lesions.
-- R5.1: before the index date is known, each course has its own baseline, the time point that starts it, and lasts
-- until the next starts; a start that is not complete gives no derived response.
{%- set reader = 'param_set_id, centre_id, patient_key, reader' %}
with timepoints as (select * from {{ ref('int_lesion_timepoints') }} where course_no > 0),

starts as (select * from timepoints where starts_course and is_complete),

ends as (
    select
        {{ reader }}, course_no,
        max(tp_no) as last_no,
        min(first_date) as course_start_date,
        max(last_date) as course_end_date
    from timepoints
    group by {{ reader }}, course_no
),

courses as (
    select
        starts.param_set_id,
        starts.param_set_id as stream_param_set_id,
        starts.centre_id,
        starts.patient_key,
        starts.reader,
        starts.course_no,
        starts.tp_no as baseline_no,
        ends.last_no,
        ends.course_start_date,
        ends.course_end_date,
        starts.assessed_date as baseline_date,
        starts.has_pet as has_baseline_pet
    from starts
    inner join ends using ({{ reader }}, course_no)
)

select * from courses
