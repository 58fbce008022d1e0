-- One row per R6 parameter set and patient with a death record up to the cutoff, before any reviewer's decision.
-- R6.3: the highest-ranked source; DISPUTED when the body was active after it or it precedes the index date, UNDATED
-- without a usable date; sources far apart are flagged (DQ061).
with records as (select * from {{ ref('int_death_records') }}),

parameters as (
    select param_set_id, death_conflict_tolerance_days, activity_after_death_days from {{ ref('int_parameters_r6') }}
),

activity as (
    select centre_id, patient_key, record_date from {{ ref('int_record_days') }} where is_activity
),

causes as (
    select param_set_id, centre_id, patient_key, {{ value_of_first('cause_class', 'belief_rank') }} as cause_class
    from records
    group by param_set_id, centre_id, patient_key
),

believed as (select * from records where belief_rank = 1),

conflicts as (
    select
        believed.param_set_id,
        believed.centre_id,
        believed.patient_key,
        count(*) as n_conflicting
    from believed
    inner join parameters on believed.param_set_id = parameters.param_set_id
    inner join records
        on
            believed.param_set_id = records.param_set_id
            and believed.centre_id = records.centre_id
            and believed.patient_key = records.patient_key
    where
        {{ days_between('believed.date_hi', 'records.date_lo') }} > parameters.death_conflict_tolerance_days
        or {{ days_between('records.date_hi', 'believed.date_lo') }} > parameters.death_conflict_tolerance_days
    group by believed.param_set_id, believed.centre_id, believed.patient_key
),

active_after as (
    select
        believed.param_set_id,
        believed.centre_id,
        believed.patient_key,
        max(activity.record_date) as last_activity_date
    from believed
    inner join parameters on believed.param_set_id = parameters.param_set_id
    inner join activity
        on
            believed.centre_id = activity.centre_id
            and believed.patient_key = activity.patient_key
            and {{ days_after('believed.death_date', 'parameters.activity_after_death_days') }} < activity.record_date
    where {{ by_cutoff('activity.record_date', 'believed.data_cutoff') }}
    group by believed.param_set_id, believed.centre_id, believed.patient_key
),

judged as (
    select
        believed.param_set_id,
        believed.centre_id,
        believed.patient_key,
        believed.index_date,
        believed.data_cutoff,
        believed.death_date,
        believed.death_date_flag,
        case
            when believed.death_date is null then 'UNDATED'
            when active_after.last_activity_date is not null then 'DISPUTED'
            when believed.death_date < believed.index_date then 'DISPUTED'
            else 'ACCEPTED'
        end as death_status,
        active_after.last_activity_date,
        believed.source as death_source,
        causes.cause_class,
        conflicts.n_conflicting is not null as has_source_conflict,
        'death' as source_table,
        believed.source_file,
        believed.source_row
    from believed
    inner join causes
        on
            believed.param_set_id = causes.param_set_id
            and believed.centre_id = causes.centre_id
            and believed.patient_key = causes.patient_key
    left join conflicts
        on
            believed.param_set_id = conflicts.param_set_id
            and believed.centre_id = conflicts.centre_id
            and believed.patient_key = conflicts.patient_key
    left join active_after
        on
            believed.param_set_id = active_after.param_set_id
            and believed.centre_id = active_after.centre_id
            and believed.patient_key = active_after.patient_key
)

select * from judged
