-- One row per R5 parameter set, patient, source and assessment that counts for best response.
-- R5.4: assessments after the index date and up to the end of the response window, numbered in order.
with windows as (select * from {{ ref('int_response_windows') }}),

assessments as (select * from {{ ref('int_reader_assessments') }}),

counted as (
    select
        windows.param_set_id,
        assessments.centre_id,
        assessments.patient_key,
        assessments.reader,
        assessments.response_date,
        assessments.response_day,
        assessments.response,
        assessments.is_response,
        assessments.reader_used,
        assessments.is_adjudicated,
        assessments.source_table,
        assessments.row_key,
        assessments.source_file,
        assessments.source_row,
        row_number() over (
            partition by windows.param_set_id, assessments.centre_id, assessments.patient_key, assessments.reader
            order by assessments.response_date
        ) as assessment_number
    from windows
    inner join assessments
        on
            windows.cohort_param_set_id = assessments.param_set_id
            and windows.centre_id = assessments.centre_id
            and windows.patient_key = assessments.patient_key
            and windows.reader = assessments.reader
    where windows.window_end_date is null or assessments.response_date <= windows.window_end_date
)

select * from counted
