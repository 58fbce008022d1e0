-- One row per RS parameter set, patient and day of assessment.
-- R5.3, R0.7: the chosen reader's responses, before its first the next reader's, the worse of two on a day. A course of
-- lesions and the responses recorded during it are never mixed: the better source has the course.
{%- set patient = ['param_set_id', 'centre_id', 'patient_key'] %}
with readers as (select * from {{ ref('int_readers_chosen') }}),

assessments as (
    select assessments.*, readers.reader_used, readers.choice_no
    from {{ ref('int_assessments') }} as assessments
    inner join readers
        on
            {{ same('assessments', 'readers', patient) }}
            and assessments.reader = readers.reader
    where readers.counts_before is null or assessments.course_end_date < readers.counts_before
),

recorded as (select * from assessments where reader_kind <> 'DERIVED'),

courses as (
    select distinct
        {{ patient | join(',
        ') }},
        reader,
        choice_no,
        course_start_date,
        course_end_date
    from assessments
    where reader_kind = 'DERIVED'
),

recorded_in_courses as (
    select
        {{ columns_of('courses', patient) }},
        courses.reader as course_reader,
        courses.course_start_date,
        recorded.row_key,
        recorded.choice_no < courses.choice_no as is_recorded_better
    from courses
    inner join recorded
        on
            {{ same('courses', 'recorded', patient) }}
            and recorded.response_date between courses.course_start_date and courses.course_end_date
),

outranked_courses as (
    select distinct {{ patient | join(', ') }}, course_reader, course_start_date
    from recorded_in_courses
    where is_recorded_better
),

outranked_rows as (
    select distinct
        {{ columns_of('found', patient) }},
        found.row_key
    from recorded_in_courses as found
    left join outranked_courses
        on
            {{ same('found', 'outranked_courses', patient) }}
            and found.course_reader = outranked_courses.course_reader
            and found.course_start_date = outranked_courses.course_start_date
    where not found.is_recorded_better and outranked_courses.course_reader is null
),

counted as (
    select assessments.*
    from assessments
    left join outranked_courses
        on
            {{ same('assessments', 'outranked_courses', patient) }}
            and assessments.reader = outranked_courses.course_reader
            and assessments.course_start_date = outranked_courses.course_start_date
    left join outranked_rows
        on
            {{ same('assessments', 'outranked_rows', patient) }}
            and assessments.row_key = outranked_rows.row_key
    where outranked_courses.course_reader is null and outranked_rows.row_key is null
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, response_date
            order by choice_no, severity_rank, row_key
        ) as choice_on_day
    from counted
),

daily as (
    select
        param_set_id,
        centre_id,
        patient_key,
        response_date,
        response,
        is_evaluable,
        reader_used,
        source_table,
        row_key,
        source_file,
        source_row
    from ordered
    where choice_on_day = 1
)

select * from daily
