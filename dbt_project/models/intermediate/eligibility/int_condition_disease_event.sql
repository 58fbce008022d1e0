-- One row per condition disease_event and patient screened.
-- R3.2 I1: one of the events, distant where the event itself does not say so, documented in time; events of other
-- kinds only refute it, no event at all is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'disease_event'),

codes as (
    select param_set_id, criterion_id, condition_no, code_from as event
    from {{ source('protocol', 'condition_codes') }}
    where role = 'event'
),

events as (
    select centre_id, patient_key, event, event_lo, event_hi, is_distant, row_key, source_file, source_row
    from {{ ref('stg_disease_event') }}
),

in_time as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        asked.limit_date,
        events.event_lo,
        events.event_hi,
        events.row_key,
        events.source_file,
        events.source_row,
        codes.event is not null as is_asked_for,
        case
            when events.is_distant is not null then events.is_distant = 'Y'
            when events.event = 'RECURRENCE' then null
            else true
        end as fits_extent,
        events.event in ('M1', 'RECURRENCE') as needs_extent
    from asked
    inner join events on asked.centre_id = events.centre_id and asked.patient_key = events.patient_key
    left join codes
        on
            asked.param_set_id = codes.param_set_id
            and asked.criterion_id = codes.criterion_id
            and asked.condition_no = codes.condition_no
            and events.event = codes.event
    where asked.limit_date is null or events.event_lo is null or events.event_lo <= asked.limit_date
),

judged_events as (
    select
        *,
        case
            when not is_asked_for or (needs_extent and not coalesce(fits_extent, true)) then 'NOT_MET'
            when event_lo is null or event_hi > limit_date or (needs_extent and fits_extent is null) then 'UNKNOWN'
            else 'MET'
        end as status,
        case
            when not is_asked_for then 'EVENT_NOT_DOCUMENTED'
            when needs_extent and fits_extent is null then 'EXTENT_NOT_STATED'
            when needs_extent and not fits_extent then 'EVENT_NOT_DISTANT'
            when event_lo is null or event_hi > limit_date then 'DATE_IMPRECISE'
            else 'EVENT_DOCUMENTED'
        end as reason
    from in_time
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, condition_no, centre_id, patient_key
            order by status = 'MET' desc, status = 'UNKNOWN' desc, is_asked_for desc, event_lo asc, row_key asc
        ) as event_number
    from judged_events
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        coalesce(ordered.status, 'UNKNOWN') as status,
        coalesce(ordered.reason, 'NO_DISEASE_EVENTS') as reason,
        case when ordered.status is not null then 'disease_event' end as source_table,
        ordered.source_file,
        ordered.source_row
    from asked
    left join ordered
        on
            asked.param_set_id = ordered.param_set_id
            and asked.criterion_id = ordered.criterion_id
            and asked.condition_no = ordered.condition_no
            and asked.centre_id = ordered.centre_id
            and asked.patient_key = ordered.patient_key
            and ordered.event_number = 1
)

select * from judged
