-- One row per RS parameter set, patient and day of assessment.
-- R5.3, R0.7: the chosen reader's responses; before its first the next reader's; of two on a day the worse.
with assessments as (select * from {{ ref('int_assessments') }}),

readers as (select * from {{ ref('int_readers_chosen') }}),

streamed as (
    select
        assessments.param_set_id,
        assessments.centre_id,
        assessments.patient_key,
        assessments.response_date,
        assessments.response,
        assessments.is_evaluable,
        readers.reader_used,
        assessments.row_key,
        assessments.source_file,
        assessments.source_row,
        row_number() over (
            partition by
                assessments.param_set_id, assessments.centre_id, assessments.patient_key, assessments.response_date
            order by readers.choice_no, assessments.severity_rank, assessments.row_key
        ) as choice_on_day
    from assessments
    inner join readers
        on
            assessments.param_set_id = readers.param_set_id
            and assessments.centre_id = readers.centre_id
            and assessments.patient_key = readers.patient_key
            and assessments.reader = readers.reader
    where readers.counts_before is null or assessments.response_date < readers.counts_before
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
        row_key,
        source_file,
        source_row
    from streamed
    where choice_on_day = 1
)

select * from daily
