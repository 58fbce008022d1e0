-- One row per check and adverse event, or death from one, that the check looked at.
-- R10: version of the grades (DQ015), causality (DQ038), fatal events without a death and the reverse (DQ054), severe
-- haemorrhages and fistulas (DQ055), related events from before the index date (DQ070), ends that passed (DQ071).
{{ config(materialized='view') }}

with events as (select * from {{ ref('stg_ae') }}),

named as (select * from {{ ref('int_adverse_events') }} where certainty = 'CERTAIN'),

safety as (select * from {{ ref('int_safety_events') }}),

included as (select distinct param_set_id, centre_id, patient_key from {{ ref('int_included_patients') }}),

versions as (select param_set_id, ctcae_version from {{ ref('int_parameters_r8') }}),

deaths as (select * from {{ ref('stg_death') }}),

toxic_causes as (select cause from {{ ref('death_causes') }} where is_adverse_event = 'Y'),

dead as (select distinct centre_id, patient_key from deaths),

fatal as (
    select distinct centre_id, patient_key from events where ctcae_grade = {{ dq_limit('DQ054', 'fatal', 'min') }}
),

looked_at as (
    select
        'DQ015' as check_id, 'ae' as table_name, events.centre_id, events.patient_key, events.row_key,
        events.source_file, events.source_row, versions.param_set_id,
        coalesce(
            regexp_extract(events.ctcae_version, '[0-9]+') <> regexp_extract(versions.ctcae_version, '[0-9]+'), true
        ) as is_failed
    from events
    cross join versions
    where events.ctcae_grade is not null
    union all
    select
        'DQ038' as check_id, 'ae' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, causality = 'MISSING' as is_failed
    from named
    union all
    select
        'DQ055' as check_id, 'ae' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, grade >= {{ dq_limit('DQ055', 'severe', 'min') }} as is_failed
    from named
    where haemorrhage_flag = 'Y' or fistula_flag = 'Y'
    union all
    select
        'DQ070' as check_id, 'ae' as table_name, safety.centre_id, safety.patient_key, safety.row_key,
        safety.source_file, safety.source_row, safety.param_set_id, safety.start_hi < safety.index_date as is_failed
    from safety
    inner join included using (param_set_id, centre_id, patient_key)
    where safety.relfl = 'Y'
    union all
    select
        'DQ054' as check_id, 'ae' as table_name, events.centre_id, events.patient_key, events.row_key,
        events.source_file, events.source_row, null as param_set_id, dead.patient_key is null as is_failed
    from events
    left join dead on events.centre_id = dead.centre_id and events.patient_key = dead.patient_key
    where events.ctcae_grade = {{ dq_limit('DQ054', 'fatal', 'min') }}
    union all
    select
        'DQ054' as check_id, 'death' as table_name, deaths.centre_id, deaths.patient_key, deaths.row_key,
        deaths.source_file, deaths.source_row, null as param_set_id, fatal.patient_key is null as is_failed
    from deaths
    left join fatal on deaths.centre_id = fatal.centre_id and deaths.patient_key = fatal.patient_key
    where upper(trim(deaths.cause)) in (select toxic_causes.cause from toxic_causes)
    union all
    select
        'DQ071' as check_id, 'ae' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, false as is_failed
    from events
    where end_lo is not null and start_lo is not null
)

select * from looked_at where is_failed is not null
