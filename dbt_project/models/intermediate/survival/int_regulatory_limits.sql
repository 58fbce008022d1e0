-- One row per R6 parameter set and patient with an index date.
-- R6.2 PFSFDA: the first event, the therapy before it, the last evaluable assessment before each, and the longest
-- silence that two missed assessments allow.
with observed as (select * from {{ ref('int_observation_ends') }}),

parameters as (
    select
        param_set_id,
        assess_interval_days + assess_interval_days + assess_window_days as longest_silence_days,
        pfs_nact_tie
    from {{ ref('int_parameters_r6') }}
),

baseline as (select param_set_id, centre_id, patient_key from {{ ref('int_baseline_imaging') }}),

events as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key
            order by event_date, event = 'FIRST_PROGRESSION' desc
        ) as event_number
    from {{ ref('int_event_dates') }}
    where event in ('FIRST_PROGRESSION', 'DEATH')
),

therapies as (select * from {{ ref('int_event_dates') }} where event = 'NEXT_THERAPY'),

disputes as (
    select param_set_id, centre_id, patient_key from {{ ref('int_event_dates') }} where event = 'DEATH_DISPUTED'
),

assessments as (select * from {{ ref('int_evaluable_assessments') }}),

limits as (
    select
        observed.param_set_id,
        observed.centre_id,
        observed.patient_key,
        observed.index_date,
        events.event,
        events.event_date,
        events.event_date_flag,
        events.source_table as event_table,
        events.source_file as event_file,
        events.source_row as event_row,
        therapies.event_date as therapy_date,
        baseline.patient_key is not null as has_baseline,
        disputes.patient_key is not null as is_disputed,
        parameters.longest_silence_days,
        coalesce(
            therapies.event_date < events.event_date
            or (therapies.event_date = events.event_date and parameters.pfs_nact_tie = 'CENSOR'), false
        ) as is_event_after_therapy
    from observed
    inner join parameters on observed.param_set_id = parameters.param_set_id
    left join baseline
        on
            observed.cohort_param_set_id = baseline.param_set_id
            and observed.centre_id = baseline.centre_id
            and observed.patient_key = baseline.patient_key
    left join events
        on
            observed.param_set_id = events.param_set_id
            and observed.centre_id = events.centre_id
            and observed.patient_key = events.patient_key
            and events.event_number = 1
    left join therapies
        on
            observed.param_set_id = therapies.param_set_id
            and observed.centre_id = therapies.centre_id
            and observed.patient_key = therapies.patient_key
    left join disputes
        on
            observed.param_set_id = disputes.param_set_id
            and observed.centre_id = disputes.centre_id
            and observed.patient_key = disputes.patient_key
),

assessed as (
    select
        limits.param_set_id,
        limits.centre_id,
        limits.patient_key,
        max(assessments.response_date) as last_assessment_date,
        max(case when assessments.response_date <= limits.therapy_date then assessments.response_date end)
            as last_before_therapy_date,
        max(case when assessments.response_date <= limits.event_date then assessments.response_date end)
            as last_before_event_date
    from limits
    inner join assessments
        on
            limits.param_set_id = assessments.param_set_id
            and limits.centre_id = assessments.centre_id
            and limits.patient_key = assessments.patient_key
    group by limits.param_set_id, limits.centre_id, limits.patient_key
),

bounded as (
    select
        limits.*,
        assessed.last_assessment_date,
        assessed.last_before_therapy_date,
        assessed.last_before_event_date
    from limits
    left join assessed
        on
            limits.param_set_id = assessed.param_set_id
            and limits.centre_id = assessed.centre_id
            and limits.patient_key = assessed.patient_key
)

select * from bounded
