-- One row per R6 parameter set, endpoint made of events and censors, and patient whose time it counts.
-- R6.2: the earliest of the endpoint's events ends the time; without one the first censor in its order that exists
-- does.
with endpoints as (select * from {{ ref('int_endpoints') }}),

events as (select * from {{ ref('int_event_dates') }}),

starts as (
    select distinct
        endpoints.param_set_id,
        endpoints.paramcd,
        events.centre_id,
        events.patient_key,
        events.event_date as start_date
    from endpoints
    inner join events on endpoints.param_set_id = events.param_set_id and endpoints.starts_at = events.event
),

candidates as (
    select
        starts.*,
        endpoints.role,
        endpoints.seq,
        endpoints.cnsr,
        endpoints.evntdesc,
        endpoints.cnsdtdsc,
        events.event_date as end_date,
        events.event_date_flag as end_date_flag,
        events.event,
        events.reason,
        events.source_table,
        events.source_file,
        events.source_row
    from starts
    inner join endpoints on starts.param_set_id = endpoints.param_set_id and starts.paramcd = endpoints.paramcd
    inner join events
        on
            starts.param_set_id = events.param_set_id
            and starts.centre_id = events.centre_id
            and starts.patient_key = events.patient_key
            and endpoints.event = events.event
    left join events as given_events
        on
            starts.param_set_id = given_events.param_set_id
            and starts.centre_id = given_events.centre_id
            and starts.patient_key = given_events.patient_key
            and endpoints.given_event = given_events.event
    where
        events.event_date >= starts.start_date
        and (endpoints.given_event is null or given_events.event is not null)
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, paramcd, centre_id, patient_key
            order by role = 'EVENT' desc, case when role = 'EVENT' then end_date end, seq
        ) as candidate_number
    from candidates
),

chosen as (select * from ordered where candidate_number = 1)

select * from chosen
