-- One row per R6 parameter set, start of the time at risk, patient and kind of first next therapy.
-- R6.2: the first new anticancer therapy, the first palliative radiotherapy to bone that does not count as one, the
-- next line, and the next line for this cancer: after a second primary only a line that this cancer's progression
-- precedes.
with observed as (select * from {{ ref('int_observation_ends') }}),

new_therapies as (select * from {{ ref('int_new_therapy_dates') }}),

therapy_lines as (select * from {{ ref('int_lines_of_therapy') }}),

second_primaries as (
    select centre_id, patient_key, date_lo from {{ ref('stg_diagnosis') }} where kind = 'SECOND_PRIMARY'
),

progressions as (select * from {{ ref('int_progressions') }}),

later_lines as (
    select
        observed.param_set_id,
        observed.stream_param_set_id,
        observed.at_risk_from,
        observed.at_risk_date,
        observed.centre_id,
        observed.patient_key,
        observed.index_line_seq + 1 = therapy_lines.line_seq as is_next,
        therapy_lines.start_date,
        therapy_lines.advance_reason,
        therapy_lines.first_source_file,
        therapy_lines.first_source_row
    from observed
    inner join therapy_lines
        on
            observed.lines_param_set_id = therapy_lines.param_set_id
            and observed.centre_id = therapy_lines.centre_id
            and observed.patient_key = therapy_lines.patient_key
            and observed.index_line_seq < therapy_lines.line_seq
),

of_another_cancer as (
    select distinct
        later_lines.param_set_id, later_lines.at_risk_from, later_lines.centre_id, later_lines.patient_key,
        later_lines.start_date
    from later_lines
    inner join second_primaries
        on
            later_lines.centre_id = second_primaries.centre_id
            and later_lines.patient_key = second_primaries.patient_key
            and later_lines.start_date >= second_primaries.date_lo
            and later_lines.at_risk_date < second_primaries.date_lo
    left join progressions
        on
            later_lines.stream_param_set_id = progressions.param_set_id
            and later_lines.centre_id = progressions.centre_id
            and later_lines.patient_key = progressions.patient_key
            and later_lines.at_risk_date < progressions.progression_date
            and later_lines.start_date >= progressions.progression_date
    where progressions.patient_key is null
),

scopes as (
    select 'NEXT_LINE' as event
    union all
    select 'NEXT_LINE_SAME_CANCER' as event
),

therapies as (
    select
        observed.param_set_id, observed.at_risk_from, observed.centre_id, observed.patient_key,
        case when new_therapies.is_counted then 'NEXT_THERAPY' else 'BONE_RADIOTHERAPY' end as event,
        new_therapies.therapy_date as event_date, new_therapies.therapy_date_flag as event_date_flag,
        new_therapies.therapy_kind as reason, new_therapies.source_table, new_therapies.source_file,
        new_therapies.source_row, new_therapies.therapy_kind || new_therapies.row_key as row_order
    from observed
    inner join new_therapies
        on
            observed.response_param_set_id = new_therapies.param_set_id
            and observed.centre_id = new_therapies.centre_id
            and observed.patient_key = new_therapies.patient_key
            and observed.at_risk_date < new_therapies.therapy_date
    union all
    select
        later_lines.param_set_id, later_lines.at_risk_from, later_lines.centre_id, later_lines.patient_key,
        scopes.event, later_lines.start_date as event_date, '' as event_date_flag, later_lines.advance_reason as reason,
        'drug_row' as source_table, later_lines.first_source_file as source_file,
        later_lines.first_source_row as source_row, '' as row_order
    from later_lines
    cross join scopes
    left join of_another_cancer using (param_set_id, at_risk_from, centre_id, patient_key, start_date)
    where
        (scopes.event = 'NEXT_LINE' and later_lines.is_next)
        or (scopes.event = 'NEXT_LINE_SAME_CANCER' and of_another_cancer.param_set_id is null)
),

numbered as (
    select
        *,
        row_number() over (
            partition by param_set_id, at_risk_from, centre_id, patient_key, event order by event_date, row_order
        ) as therapy_number
    from therapies
),

firsts as (select * exclude (row_order, therapy_number) from numbered where therapy_number = 1)

select * from firsts
