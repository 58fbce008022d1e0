-- One row per R3 parameter set, patient, source and day of assessment after the index date, before any decision.
-- R5.4, R0.7: each source's responses from the day after index on (day 0 is baseline), the worse of two on a day; the
-- day number is the plain difference of dates.
with readers as (select * from {{ ref('int_index_readers') }}),

response_meanings as (
    select
        response,
        recist_response,
        is_evaluable = 'Y' as is_evaluable,
        is_progression = 'Y' as is_progression,
        is_response = 'Y' as is_response
    from {{ ref('responses') }}
),

assessments as (
    select
        found.param_set_id,
        found.centre_id,
        found.patient_key,
        found.index_date,
        found.response_date,
        {{ days_between('found.index_date', 'found.response_date') }} as response_day,
        response_meanings.recist_response as response,
        response_meanings.is_evaluable,
        response_meanings.is_progression,
        response_meanings.is_response,
        found.last_evaluable_date,
        readers.reader_kind as reader_used,
        found.reader,
        readers.choice_no,
        found.source_table,
        found.row_key,
        found.source_file,
        found.source_row,
        row_number() over (
            partition by
                found.param_set_id, found.centre_id, found.patient_key, found.reader, found.response_date
            order by found.severity_rank, found.row_key
        ) as choice_on_day
    from {{ ref('int_index_assessments') }} as found
    inner join readers
        on
            found.param_set_id = readers.param_set_id
            and found.centre_id = readers.centre_id
            and found.patient_key = readers.patient_key
            and found.reader = readers.reader
    inner join response_meanings on found.response = response_meanings.response
),

daily as (select * from assessments where choice_on_day = 1)

select * from daily
