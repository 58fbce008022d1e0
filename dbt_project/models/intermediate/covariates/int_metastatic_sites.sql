-- One row per R3 parameter set and patient with distant disease documented at baseline.
-- R3.5: distinct organs with distant disease (paired organs and all distant nodes are one); by station every distant
-- nodal station counts.
with index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

windows as (select param_set_id, bl_stage_after from {{ ref('int_parameters_r3') }}),

events as (
    select centre_id, patient_key, event_lo, organ, station, row_key, source_file, source_row
    from {{ ref('stg_disease_event') }}
    where is_distant = 'Y' and organ is not null
),

at_baseline as (
    select
        index_dates.param_set_id,
        events.*,
        events.organ || case when events.organ = 'DISTANT_LN' then '/' || coalesce(events.station, '') else '' end
            as organ_station
    from index_dates
    inner join windows on index_dates.param_set_id = windows.param_set_id
    inner join events on index_dates.centre_id = events.centre_id and index_dates.patient_key = events.patient_key
    where
        events.event_lo is null
        or events.event_lo <= {{ days_after('index_dates.index_date', 'windows.bl_stage_after') }}
),

counted as (
    select
        param_set_id,
        centre_id,
        patient_key,
        count(distinct organ) as n_sites_organ,
        count(distinct organ_station) as n_sites_station,
        {{ value_of_first('source_file', '(event_lo, row_key)') }} as source_file,
        {{ value_of_first('source_row', '(event_lo, row_key)') }} as source_row
    from at_baseline
    group by param_set_id, centre_id, patient_key
)

select * from counted
