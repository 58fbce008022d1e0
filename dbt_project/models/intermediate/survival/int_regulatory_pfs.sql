-- One row per R6 parameter set that asks for PFSFDA and patient with an index date.
-- R6.2 PFSFDA: progression or death, unless baseline is missing, a new therapy came first, or two or more assessments
-- were missed before it; then censored at the last evaluable assessment.
with asked as (
    select distinct param_set_id, paramcd from {{ source('protocol', 'endpoints') }} where paramcd = 'PFSFDA'
),

limits as (select * from {{ ref('int_regulatory_limits') }}),

assessments as (select * from {{ ref('int_evaluable_assessments') }}),

ended as (select * from {{ ref('endpoint_sources') }} where paramcd = 'PFSFDA'),

starts as (
    select param_set_id, centre_id, patient_key, source_table, source_file, source_row
    from {{ ref('int_event_dates') }}
    where event = 'INDEX'
),

ruled as (
    select
        limits.*,
        asked.paramcd,
        case
            when
                not limits.has_baseline and (
                    limits.event is distinct from 'DEATH'
                    or {{ days_between('limits.index_date', 'limits.event_date') }} > limits.longest_silence_days
                ) then 'NO_BASELINE'
            when limits.is_event_after_therapy then 'THERAPY_BEFORE_EVENT'
            when
                {{ days_between('coalesce(limits.last_before_event_date, limits.index_date)', 'limits.event_date') }}
                > limits.longest_silence_days then 'MISSED_ASSESSMENTS'
            when limits.event is not null then limits.event
            when limits.therapy_date is not null then 'THERAPY_BEFORE_EVENT'
            when limits.is_disputed then 'DEATH_DISPUTED'
            when limits.last_assessment_date is null then 'NO_ASSESSMENT'
            else 'LAST_EVALUABLE_ASSESSMENT'
        end as ending
    from limits
    inner join asked on limits.param_set_id = asked.param_set_id
),

dated as (
    select
        *,
        case
            when ending in ('FIRST_PROGRESSION', 'DEATH') then event_date
            when ending = 'THERAPY_BEFORE_EVENT' then coalesce(last_before_therapy_date, index_date)
            when ending = 'MISSED_ASSESSMENTS' then coalesce(last_before_event_date, index_date)
            when ending in ('LAST_EVALUABLE_ASSESSMENT', 'DEATH_DISPUTED')
                then coalesce(last_assessment_date, index_date)
            else index_date
        end as end_date
    from ruled
),

sourced as (
    select
        dated.param_set_id,
        dated.paramcd,
        dated.centre_id,
        dated.patient_key,
        dated.index_date as start_date,
        dated.end_date,
        case when dated.end_date = dated.event_date then dated.event_date_flag else '' end as end_date_flag,
        ended.cnsr,
        ended.evntdesc,
        ended.cnsdtdsc,
        case
            when ended.cnsr = 0 then dated.event_table
            when assessments.response_date is not null then 'response'
            else starts.source_table
        end as source_table,
        case when ended.cnsr = 0 then dated.event_file else coalesce(assessments.source_file, starts.source_file) end
            as source_file,
        case when ended.cnsr = 0 then dated.event_row else coalesce(assessments.source_row, starts.source_row) end
            as source_row
    from dated
    inner join ended on dated.ending = ended.event
    inner join starts
        on
            dated.param_set_id = starts.param_set_id
            and dated.centre_id = starts.centre_id
            and dated.patient_key = starts.patient_key
    left join assessments
        on
            dated.param_set_id = assessments.param_set_id
            and dated.centre_id = assessments.centre_id
            and dated.patient_key = assessments.patient_key
            and dated.end_date = assessments.response_date
)

select * from sourced
