-- One row per R3 parameter set, patient and day of assessment after the index date.
-- R5.4: the response stream from the day after index on (day 0 is baseline); the day number is the plain difference of
-- dates.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

responses as (select * from {{ ref('int_responses') }}),

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
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        responses.response_date,
        {{ days_between('index_dates.index_date', 'responses.response_date') }} as response_day,
        response_meanings.recist_response as response,
        response_meanings.is_evaluable,
        response_meanings.is_progression,
        response_meanings.is_response,
        responses.reader_used,
        responses.source_file,
        responses.source_row
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join responses
        on
            upstream.upstream_param_set_id = responses.param_set_id
            and index_dates.centre_id = responses.centre_id
            and index_dates.patient_key = responses.patient_key
            and index_dates.index_date < responses.response_date
    inner join response_meanings on responses.response = response_meanings.response
)

select * from assessments
