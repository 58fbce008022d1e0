-- One row per RS parameter set and recorded assessment that the data cutoff lets us know.
-- R5.1, R0.4: recorded responses dated to the day, iRECIST read as RECIST 1.1, with the rank of their reader.
with responses as (select * from {{ ref('stg_response') }}),

recist as (select * from {{ ref('responses') }}),

parameters as (select param_set_id, tp_window_days, response_source_priority from {{ ref('int_parameters_rs') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

known as (
    select
        cutoffs.param_set_id,
        responses.centre_id,
        responses.patient_key,
        responses.response_lo as response_date,
        responses.reader,
        case responses.reader when 'IND' then 'INDEPENDENT' when 'INV' then 'INVESTIGATOR' end as reader_kind,
        recist.recist_response as response,
        recist.severity_rank,
        recist.is_evaluable,
        parameters.tp_window_days,
        parameters.response_source_priority,
        responses.row_key,
        responses.source_file,
        responses.source_row
    from responses
    inner join recist on responses.response = recist.response
    inner join cutoffs on responses.centre_id = cutoffs.centre_id
    inner join parameters on cutoffs.param_set_id = parameters.param_set_id
    where responses.response_precision = 'D' and {{ by_cutoff('responses.response_lo', 'cutoffs.data_cutoff') }}
),

ranked as (
    select
        param_set_id,
        centre_id,
        patient_key,
        response_date,
        reader,
        reader_kind,
        response,
        severity_rank,
        is_evaluable,
        tp_window_days,
        row_key,
        source_file,
        source_row,
        position(reader_kind in response_source_priority) as reader_rank
    from known
)

select * from ranked where reader_rank > 0
