-- One row per R3 parameter set, patient, source and assessment after the index date.
-- R5.3: the sources kept apart: what each reader recorded, and what each reader's lesions say relative to the baseline
-- of the index date, or relative to its own start in a course that starts after the index date.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

index_dates as (
    select found.param_set_id, found.centre_id, found.patient_key, found.index_date, upstream.upstream_param_set_id
    from {{ ref('int_index') }} as found
    inner join upstream on found.param_set_id = upstream.param_set_id
    where found.index_date is not null
),

courses as (select * from {{ ref('int_index_courses') }}),

recist as (select * from {{ ref('responses') }}),

parameters as (select param_set_id, tp_window_days, response_source_priority from {{ ref('int_parameters_rs') }}),

lesions as (select centre_id, row_key, source_file, source_row from {{ ref('stg_lesion') }}),

of_the_stream as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        assessments.response_date,
        assessments.reader,
        assessments.reader_kind,
        assessments.is_independent,
        assessments.reader_rank,
        assessments.response,
        assessments.severity_rank,
        assessments.tp_label,
        assessments.tp_window_days,
        assessments.last_evaluable_date,
        assessments.source_table,
        assessments.row_key,
        assessments.source_file,
        assessments.source_row
    from index_dates
    inner join {{ ref('int_assessments') }} as assessments
        on
            index_dates.upstream_param_set_id = assessments.param_set_id
            and index_dates.centre_id = assessments.centre_id
            and index_dates.patient_key = assessments.patient_key
            and index_dates.index_date < assessments.response_date
    left join courses
        on
            index_dates.param_set_id = courses.param_set_id
            and index_dates.centre_id = courses.centre_id
            and index_dates.patient_key = courses.patient_key
            and assessments.reader = 'DERIVED_' || courses.reader
    where
        assessments.reader_kind <> 'DERIVED'
        or (courses.reader is not null and index_dates.index_date < assessments.course_start_date)
),

of_the_index_course as (
    select
        found.param_set_id,
        found.centre_id,
        found.patient_key,
        courses.index_date,
        found.response_date,
        'DERIVED_' || found.reader as reader,
        'DERIVED' as reader_kind,
        found.reader = 'IND' as is_independent,
        position('DERIVED' in parameters.response_source_priority) as reader_rank,
        found.tp_response as response,
        recist.severity_rank,
        found.tp_label,
        parameters.tp_window_days,
        found.last_evaluable_date,
        'lesion' as source_table,
        found.row_key,
        lesions.source_file,
        lesions.source_row
    from {{ ref('int_index_responses') }} as found
    inner join courses
        on
            found.param_set_id = courses.param_set_id
            and found.centre_id = courses.centre_id
            and found.patient_key = courses.patient_key
            and found.reader = courses.reader
            and found.response_date > courses.index_date
    inner join parameters on found.stream_param_set_id = parameters.param_set_id
    inner join recist on found.tp_response = recist.response
    inner join lesions on found.centre_id = lesions.centre_id and found.row_key = lesions.row_key
),

assessments as (
    select * from of_the_stream
    union all
    select * from of_the_index_course where reader_rank > 0
)

select * from assessments
