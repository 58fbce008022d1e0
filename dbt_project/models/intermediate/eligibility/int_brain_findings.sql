-- One row per condition no_active_brain_metastasis and patient screened.
-- R3.2 E3: what is documented about the brain up to the reference date: metastasis, local treatment, imaging; stable
-- means imaged the required days after treatment without a new event.
with asked as (
    select
        *,
        cast(coalesce(number_min, 0) as integer) as stable_days
    from {{ ref('int_conditions_asked') }}
    where condition_type = 'no_active_brain_metastasis'
),

events as (
    select centre_id, patient_key, event_lo, row_key, source_file, source_row
    from {{ ref('stg_disease_event') }}
    where organ = 'BRAIN'
),

treatments as (
    select centre_id, patient_key, coalesce(end_lo, start_lo) as treated_date
    from {{ ref('stg_procedure') }}
    where target_site = 'BRAIN'
),

scans as (select centre_id, patient_key, scan_lo from {{ ref('stg_scan') }} where region = 'BRAIN'),

found_events as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        max(events.event_lo) as last_event_date,
        {{ value_of_first('events.source_file', '(events.event_lo, events.row_key)') }} as source_file,
        {{ value_of_first('events.source_row', '(events.event_lo, events.row_key)') }} as source_row,
        count(*) as n_events
    from asked
    inner join events on asked.centre_id = events.centre_id and asked.patient_key = events.patient_key
    where asked.limit_date is null or events.event_lo is null or events.event_lo <= asked.limit_date
    group by asked.param_set_id, asked.criterion_id, asked.condition_no, asked.centre_id, asked.patient_key
),

found_treatments as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        max(treatments.treated_date) as treated_date
    from asked
    inner join treatments on asked.centre_id = treatments.centre_id and asked.patient_key = treatments.patient_key
    where asked.limit_date is null or treatments.treated_date <= asked.limit_date
    group by asked.param_set_id, asked.criterion_id, asked.condition_no, asked.centre_id, asked.patient_key
),

found_scans as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        max(scans.scan_lo) as last_scan_date
    from asked
    inner join scans on asked.centre_id = scans.centre_id and asked.patient_key = scans.patient_key
    where asked.limit_date is null or scans.scan_lo <= asked.limit_date
    group by asked.param_set_id, asked.criterion_id, asked.condition_no, asked.centre_id, asked.patient_key
),

findings as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        asked.limit_date,
        asked.stable_days,
        coalesce(found_events.n_events, 0) > 0 as has_metastasis,
        found_treatments.treated_date is not null as is_treated,
        coalesce(
            found_scans.last_scan_date >= {{ days_after('found_treatments.treated_date', 'asked.stable_days') }}
            and found_events.last_event_date <= found_treatments.treated_date, false
        ) as is_stable,
        found_scans.last_scan_date is not null as is_imaged,
        found_events.source_file,
        found_events.source_row
    from asked
    left join found_events
        on
            asked.param_set_id = found_events.param_set_id
            and asked.criterion_id = found_events.criterion_id
            and asked.condition_no = found_events.condition_no
            and asked.centre_id = found_events.centre_id
            and asked.patient_key = found_events.patient_key
    left join found_treatments
        on
            asked.param_set_id = found_treatments.param_set_id
            and asked.criterion_id = found_treatments.criterion_id
            and asked.condition_no = found_treatments.condition_no
            and asked.centre_id = found_treatments.centre_id
            and asked.patient_key = found_treatments.patient_key
    left join found_scans
        on
            asked.param_set_id = found_scans.param_set_id
            and asked.criterion_id = found_scans.criterion_id
            and asked.condition_no = found_scans.condition_no
            and asked.centre_id = found_scans.centre_id
            and asked.patient_key = found_scans.patient_key
)

select * from findings
