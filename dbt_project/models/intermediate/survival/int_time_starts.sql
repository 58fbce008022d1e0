-- One row per R6 parameter set, start of the time at risk, patient and event at which a clock may start.
-- R6.2: the index date (or the line that follows a diagnosis index), the start of the index line, the first diagnosis,
-- if its day is known and not after the index date, and the first response.
{%- set keys = 'param_set_id, at_risk_from, centre_id, patient_key' %}
with observed as (select * from {{ ref('int_observation_ends') }}),

lines as (
    select * exclude (param_set_id, line_seq), param_set_id as lines_param_set_id, line_seq as index_line_seq
    from {{ ref('int_lines_of_therapy') }}
),

diagnoses as (
    select
        centre_id,
        patient_key,
        event_lo as event_date,
        event_precision,
        source_file,
        source_row,
        row_number() over (
            partition by centre_id, patient_key order by event_lo, event_precision, row_key
        ) as diagnosis_no
    from {{ ref('stg_disease_event') }}
    where event = 'DX' and event_lo is not null
),

best_responses as (
    select * exclude (param_set_id), param_set_id as response_param_set_id
    from {{ ref('int_best_response') }}
    where is_responder
),

starts as (
    select
        {{ keys }}, 'INDEX' as event, at_risk_date as event_date, at_risk_from || '_DATE' as reason, source_table,
        source_file, source_row
    from observed
    union all
    select
        {{ keys }}, 'LINE' as event, observed.index_line_start_date as event_date, lines.advance_reason as reason,
        'drug_row' as source_table, lines.first_source_file as source_file, lines.first_source_row as source_row
    from observed
    inner join lines using (lines_param_set_id, centre_id, patient_key, index_line_seq)
    union all
    select
        {{ keys }}, 'DIAGNOSIS' as event, diagnoses.event_date, 'DX' as reason, 'disease_event' as source_table,
        diagnoses.source_file, diagnoses.source_row
    from observed
    inner join diagnoses using (centre_id, patient_key)
    where
        diagnoses.diagnosis_no = 1
        and diagnoses.event_precision = 'D'
        and diagnoses.event_date <= observed.index_date
    union all
    select
        {{ keys }}, 'FIRST_RESPONSE' as event, best.first_response_date as event_date,
        case when best.source_table = 'adjudication' then 'ADJUDICATED' else best.bor end as reason, best.source_table,
        best.source_file, best.source_row
    from observed
    inner join best_responses as best using (response_param_set_id, centre_id, patient_key)
),

flagged as (select *, '' as event_date_flag from starts)

select * from flagged
