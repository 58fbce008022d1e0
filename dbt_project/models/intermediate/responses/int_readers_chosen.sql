-- One row per RS parameter set, patient and reader whose assessments count, from the day on which they count.
-- R5.3: the first source of the list; an independent reader only if it read the first two assessments of its time.
-- Responses derived from a reader's lesions are a source of their own, the independent reader's lesions first.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with assessments as (select * from {{ ref('int_assessments') }}),

reading_days as (
    select distinct {{ keys }}, reader, reader_kind, reader_rank, is_independent, response_date, tp_window_days
    from assessments
),

readers as (
    select
        param_set_id,
        centre_id,
        patient_key,
        reader,
        reader_kind,
        reader_rank,
        is_independent,
        min(response_date) as first_date
    from reading_days
    group by param_set_id, centre_id, patient_key, reader, reader_kind, reader_rank, is_independent
),

expected as (
    select
        readers.param_set_id,
        readers.centre_id,
        readers.patient_key,
        readers.reader,
        reading_days.response_date,
        reading_days.tp_window_days,
        dense_rank() over (
            partition by readers.param_set_id, readers.centre_id, readers.patient_key, readers.reader
            order by reading_days.response_date
        ) as assessment_no
    from readers
    inner join reading_days
        on
            readers.param_set_id = reading_days.param_set_id
            and readers.centre_id = reading_days.centre_id
            and readers.patient_key = reading_days.patient_key
            and readers.reader <> reading_days.reader
            and {{ days_after('readers.first_date', '-reading_days.tp_window_days') }} <= reading_days.response_date
    where readers.is_independent
),

missed as (
    select distinct expected.param_set_id, expected.centre_id, expected.patient_key, expected.reader
    from expected
    left join reading_days
        on
            expected.param_set_id = reading_days.param_set_id
            and expected.centre_id = reading_days.centre_id
            and expected.patient_key = reading_days.patient_key
            and expected.reader = reading_days.reader
            and {{ days_after('expected.response_date', '-expected.tp_window_days') }} <= reading_days.response_date
            and {{ days_after('expected.response_date', 'expected.tp_window_days') }} >= reading_days.response_date
    where expected.assessment_no <= 2 and reading_days.reader is null
),

ordered as (
    select
        readers.param_set_id,
        readers.centre_id,
        readers.patient_key,
        readers.reader,
        readers.reader_kind,
        readers.first_date,
        row_number() over (
            partition by readers.param_set_id, readers.centre_id, readers.patient_key
            order by missed.reader is not null, readers.reader_rank, readers.reader
        ) as choice_no
    from readers
    left join missed
        on
            readers.param_set_id = missed.param_set_id
            and readers.centre_id = missed.centre_id
            and readers.patient_key = missed.patient_key
            and readers.reader = missed.reader
),

spans as (
    select
        param_set_id,
        centre_id,
        patient_key,
        reader,
        reader_kind as reader_used,
        choice_no,
        min(first_date) over (
            partition by param_set_id, centre_id, patient_key, reader_kind = 'DERIVED'
            order by choice_no rows between unbounded preceding and 1 preceding
        ) as counts_before
    from ordered
)

select * from spans
