-- One row per RS parameter set and assessment that the data cutoff lets us know, recorded or derived from lesions.
-- R5.1, R5.3, R0.4: recorded responses dated to the day, iRECIST read as RECIST 1.1, and the responses of each reader's
-- lesions as streams of their own, with the rank of their source.
with responses as (select * from {{ ref('stg_response') }}),

recist as (select * from {{ ref('responses') }}),

parameters as (select param_set_id, tp_window_days, response_source_priority from {{ ref('int_parameters_rs') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }} where rule_family = 'RS'),

courses as (select * from {{ ref('int_lesion_courses') }}),

lesions as (select centre_id, row_key, source_file, source_row from {{ ref('stg_lesion') }}),

recorded as (
    select
        cutoffs.param_set_id,
        responses.centre_id,
        responses.patient_key,
        responses.response_lo as response_date,
        responses.reader,
        case responses.reader when 'IND' then 'INDEPENDENT' when 'INV' then 'INVESTIGATOR' end as reader_kind,
        responses.response,
        {{ folded_label('responses.tp') }} as tp_label,
        responses.response_lo as course_start_date,
        responses.response_lo as course_end_date,
        responses.response_lo as last_evaluable_date,
        'response' as source_table,
        responses.row_key,
        responses.source_file,
        responses.source_row
    from responses
    inner join cutoffs on responses.centre_id = cutoffs.centre_id
    where responses.response_precision = 'D' and {{ by_cutoff('responses.response_lo', 'cutoffs.data_cutoff') }}
),

derived as (
    select
        found.param_set_id,
        found.centre_id,
        found.patient_key,
        found.response_date,
        'DERIVED_' || found.reader as reader,
        'DERIVED' as reader_kind,
        found.tp_response as response,
        found.tp_label,
        courses.course_start_date,
        courses.course_end_date,
        found.last_evaluable_date,
        'lesion' as source_table,
        found.row_key,
        lesions.source_file,
        lesions.source_row
    from {{ ref('int_course_responses') }} as found
    inner join courses
        on
            found.param_set_id = courses.param_set_id
            and found.centre_id = courses.centre_id
            and found.patient_key = courses.patient_key
            and found.reader = courses.reader
            and found.baseline_no = courses.baseline_no
    inner join lesions on found.centre_id = lesions.centre_id and found.row_key = lesions.row_key
    where not found.is_baseline
),

known as (
    select * from recorded
    union all
    select * from derived
),

ranked as (
    select
        known.param_set_id,
        known.centre_id,
        known.patient_key,
        known.response_date,
        known.reader,
        known.reader_kind,
        known.reader in ('IND', 'DERIVED_IND') as is_independent,
        recist.recist_response as response,
        recist.severity_rank,
        recist.is_evaluable,
        parameters.tp_window_days,
        known.tp_label,
        known.course_start_date,
        known.course_end_date,
        known.last_evaluable_date,
        known.source_table,
        known.row_key,
        known.source_file,
        known.source_row,
        position(known.reader_kind in parameters.response_source_priority) as reader_rank
    from known
    inner join recist on known.response = recist.response
    inner join parameters on known.param_set_id = parameters.param_set_id
)

select * from ranked where reader_rank > 0
