-- One row per R6 parameter set, endpoint and patient whose time a rule censors that would else run to its end.
-- R6.2 (PFSFDA and what a study asks for itself), in order: no assessment at baseline and no early death; an event
-- after a new therapy; an event after two or more missed assessments; no event but a new therapy.
with endpoints as (
    select *
    from {{ ref('int_endpoints') }}
    where pfs_nact = 'CENSOR' or pfs_missed_assessments = 'CENSOR' or pfs_no_baseline = 'CENSOR'
),

observed as (select * from {{ ref('int_observation_ends') }}),

times as (select * from {{ ref('int_time_to_event') }}),

baseline as (
    select param_set_id as cohort_param_set_id, centre_id, patient_key from {{ ref('int_baseline_imaging') }}
),

therapies as (select * from {{ ref('int_event_dates') }} where event = 'NEXT_THERAPY'),

assessments as (select * from {{ ref('int_evaluable_assessments') }}),

rules as (select * from {{ ref('endpoint_sources') }} where role = 'RULE'),

limits as (
    select
        param_set_id, paramcd, centre_id, patient_key, at_risk_from, observed.at_risk_date, times.start_date,
        case when times.role = 'EVENT' then times.end_date end as event_date,
        case when endpoints.pfs_nact = 'CENSOR' then therapies.event_date end as therapy_date,
        endpoints.pfs_nact_tie, endpoints.pfs_nact_censor_at, endpoints.pfs_missed_assessments,
        endpoints.longest_silence_days,
        endpoints.pfs_no_baseline = 'CENSOR'
        and baseline.patient_key is null
        and coalesce(
            observed.death_status <> 'ACCEPTED'
            or {{ days_between('observed.at_risk_date', 'observed.death_date') }} > endpoints.longest_silence_days, true
        ) as lacks_baseline,
        therapies.source_table as therapy_table, therapies.source_file as therapy_file,
        therapies.source_row as therapy_row, observed.source_table, observed.source_file, observed.source_row
    from times
    inner join endpoints using (param_set_id, paramcd, at_risk_from)
    inner join observed using (param_set_id, at_risk_from, centre_id, patient_key)
    left join therapies using (param_set_id, at_risk_from, centre_id, patient_key)
    left join baseline using (cohort_param_set_id, centre_id, patient_key)
),

assessed as (
    select
        param_set_id, limits.paramcd, centre_id, patient_key,
        max(case when assessments.evaluable_date <= limits.therapy_date then assessments.evaluable_date end)
            as last_before_therapy_date,
        max(case when assessments.evaluable_date <= limits.event_date then assessments.evaluable_date end)
            as last_before_event_date
    from limits
    inner join assessments using (param_set_id, at_risk_from, centre_id, patient_key)
    group by param_set_id, limits.paramcd, centre_id, patient_key
),

ruled as (
    select
        limits.*, assessed.last_before_therapy_date, assessed.last_before_event_date,
        case
            when limits.lacks_baseline then 'NO_BASELINE'
            when limits.therapy_date < limits.event_date then 'THERAPY_FIRST'
            when limits.therapy_date = limits.event_date and limits.pfs_nact_tie = 'CENSOR' then 'THERAPY_FIRST'
            when
                limits.pfs_missed_assessments = 'CENSOR'
                and {{ days_between(
                    'coalesce(assessed.last_before_event_date, limits.at_risk_date)', 'limits.event_date'
                ) }} > limits.longest_silence_days then 'MISSED_ASSESSMENTS'
            when limits.event_date is null and limits.therapy_date is not null then 'THERAPY_FIRST'
        end as rule
    from limits
    left join assessed using (param_set_id, paramcd, centre_id, patient_key)
),

dated as (
    select
        ruled.*, rules.cnsr, rules.evntdesc, rules.cnsdtdsc,
        ruled.rule = 'THERAPY_FIRST' and ruled.pfs_nact_censor_at = 'NACT_START' as ends_at_therapy,
        greatest(
            case
                when ruled.rule = 'NO_BASELINE' then ruled.at_risk_date
                when ruled.rule = 'MISSED_ASSESSMENTS' then coalesce(ruled.last_before_event_date, ruled.at_risk_date)
                when ruled.pfs_nact_censor_at = 'NACT_START' then ruled.therapy_date
                else coalesce(ruled.last_before_therapy_date, ruled.at_risk_date)
            end, ruled.start_date
        ) as end_date
    from ruled
    inner join rules
        on
            ruled.rule = rules.event
            and (ruled.rule <> 'THERAPY_FIRST' or ruled.pfs_nact_censor_at = rules.parameter_values)
),

sourced as (
    select
        dated.param_set_id, dated.paramcd, dated.centre_id, dated.patient_key, dated.start_date, dated.end_date,
        dated.cnsr, dated.evntdesc, dated.cnsdtdsc,
        case
            when dated.ends_at_therapy then dated.therapy_table
            else coalesce(assessments.source_table, dated.source_table)
        end as source_table,
        case
            when dated.ends_at_therapy then dated.therapy_file else coalesce(assessments.source_file, dated.source_file)
        end as source_file,
        case
            when dated.ends_at_therapy then dated.therapy_row else coalesce(assessments.source_row, dated.source_row)
        end as source_row
    from dated
    left join assessments
        on
            dated.param_set_id = assessments.param_set_id
            and dated.at_risk_from = assessments.at_risk_from
            and dated.centre_id = assessments.centre_id
            and dated.patient_key = assessments.patient_key
            and dated.end_date = assessments.evaluable_date
)

select * from sourced
