-- One row per R6 parameter set, patient and event that happened to the patient.
-- R6.2: the dates from which endpoints are made, each with its imputation flag, its reason and the row that it came
-- from.
with observed as (select * from {{ ref('int_observation_ends') }}),

assessments as (
    select
        *,
        row_number() over (partition by param_set_id, centre_id, patient_key order by response_date desc) as from_last
    from {{ ref('int_evaluable_assessments') }}
),

next_lines as (
    select
        observed.param_set_id,
        therapy_lines.centre_id,
        therapy_lines.patient_key,
        therapy_lines.start_date,
        therapy_lines.advance_reason,
        therapy_lines.first_source_file,
        therapy_lines.first_source_row
    from observed
    inner join {{ ref('int_lines_of_therapy') }} as therapy_lines
        on
            observed.lines_param_set_id = therapy_lines.param_set_id
            and observed.centre_id = therapy_lines.centre_id
            and observed.patient_key = therapy_lines.patient_key
            and observed.index_line_seq + 1 = therapy_lines.line_seq
),

events as (
    select
        param_set_id, centre_id, patient_key, 'INDEX' as event, index_date as event_date, '' as event_date_flag,
        'INDEX_DATE' as reason, source_table, source_file, source_row
    from observed
    union all
    select
        param_set_id, centre_id, patient_key, 'FIRST_PROGRESSION' as event, progression_date as event_date,
        event_flag as event_date_flag, progression_kind as reason, source_table, source_file, source_row
    from {{ ref('int_first_progressions') }}
    union all
    select
        param_set_id, centre_id, patient_key,
        case when death_status = 'ACCEPTED' then 'DEATH' else 'DEATH_DISPUTED' end as event, death_date as event_date,
        death_date_flag as event_date_flag, death_source as reason, 'death' as source_table,
        death_source_file as source_file, death_source_row as source_row
    from observed
    where death_date is not null
    union all
    select
        param_set_id, centre_id, patient_key, 'LAST_KNOWN_ALIVE' as event, last_known_alive_date as event_date,
        '' as event_date_flag, upper(source_table) as reason, source_table, source_file, source_row
    from {{ ref('int_last_known_alive') }}
    union all
    select
        param_set_id, centre_id, patient_key, 'LAST_EVALUABLE_ASSESSMENT' as event, response_date as event_date,
        '' as event_date_flag, response as reason, 'response' as source_table, source_file, source_row
    from assessments
    where from_last = 1
    union all
    select
        observed.param_set_id, observed.centre_id, observed.patient_key, 'NEXT_THERAPY' as event,
        therapies.therapy_date as event_date, therapies.therapy_date_flag as event_date_flag,
        therapies.therapy_kind as reason, therapies.source_table, therapies.source_file, therapies.source_row
    from observed
    inner join {{ ref('int_new_therapy_dates') }} as therapies
        on
            observed.cohort_param_set_id = therapies.param_set_id
            and observed.centre_id = therapies.centre_id
            and observed.patient_key = therapies.patient_key
    union all
    select
        param_set_id, centre_id, patient_key, 'NEXT_LINE' as event, start_date as event_date, '' as event_date_flag,
        advance_reason as reason, 'drug_row' as source_table, first_source_file as source_file,
        first_source_row as source_row
    from next_lines
    union all
    select
        observed.param_set_id, observed.centre_id, observed.patient_key, 'FIRST_RESPONSE' as event,
        best.first_response_date as event_date, '' as event_date_flag, best.bor as reason, 'response' as source_table,
        best.source_file, best.source_row
    from observed
    inner join {{ ref('int_best_response') }} as best
        on
            observed.response_param_set_id = best.param_set_id
            and observed.centre_id = best.centre_id
            and observed.patient_key = best.patient_key
    where best.is_responder
),

counted as (
    select events.*
    from events
    inner join observed
        on
            events.param_set_id = observed.param_set_id
            and events.centre_id = observed.centre_id
            and events.patient_key = observed.patient_key
    where
        events.event = 'DEATH_DISPUTED'
        or observed.is_open_ended
        or events.event_date <= observed.last_counted_date
)

select * from counted
