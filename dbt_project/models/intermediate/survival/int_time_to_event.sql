-- One row per R6 parameter set, endpoint and patient whose time it counts.
-- R6.2: the earliest of the endpoint's events ends the time; without one the first censor in its order that exists
-- does. Rules that censor an event look at this end afterwards.
with endpoints as (select * from {{ ref('int_endpoints') }}),

endpoint_sources as (select * from {{ ref('endpoint_sources') }} where role in ('EVENT', 'CENSOR')),

parameters as (select param_set_id, paramcd, parameter, value from {{ ref('int_endpoint_parameters') }}),

events as (select * from {{ ref('int_event_dates') }}),

choices as (
    select
        endpoints.param_set_id,
        endpoints.paramcd,
        endpoints.component,
        endpoints.at_risk_from,
        endpoint_sources.role,
        endpoint_sources.seq,
        endpoint_sources.event,
        endpoint_sources.given_event,
        endpoint_sources.cnsr,
        endpoint_sources.evntdesc,
        endpoint_sources.cnsdtdsc
    from endpoints
    inner join endpoint_sources on endpoints.built_as = endpoint_sources.base
    left join parameters
        on
            endpoints.param_set_id = parameters.param_set_id
            and endpoints.paramcd = parameters.paramcd
            and endpoint_sources.parameter = parameters.parameter
    where
        endpoint_sources.parameter is null
        or '|' || endpoint_sources.parameter_values || '|' like '%|' || parameters.value || '|%'
),

starts as (
    select
        endpoints.param_set_id,
        endpoints.paramcd,
        events.centre_id,
        events.patient_key,
        events.event_date as start_date
    from endpoints
    inner join events
        on
            endpoints.param_set_id = events.param_set_id
            and endpoints.at_risk_from = events.at_risk_from
            and endpoints.starts_at = events.event
),

candidates as (
    select
        starts.*,
        choices.at_risk_from,
        choices.role,
        choices.seq,
        choices.cnsr,
        choices.evntdesc,
        choices.cnsdtdsc,
        events.event,
        events.event_date as end_date,
        events.event_date_flag as end_date_flag,
        events.source_table,
        events.source_file,
        events.source_row
    from starts
    inner join choices on starts.param_set_id = choices.param_set_id and starts.paramcd = choices.paramcd
    inner join events
        on
            starts.param_set_id = events.param_set_id
            and starts.centre_id = events.centre_id
            and starts.patient_key = events.patient_key
            and choices.at_risk_from = events.at_risk_from
            and choices.event = events.event
            and choices.component = events.component
    left join events as given_events
        on
            starts.param_set_id = given_events.param_set_id
            and starts.centre_id = given_events.centre_id
            and starts.patient_key = given_events.patient_key
            and choices.at_risk_from = given_events.at_risk_from
            and choices.given_event = given_events.event
    where
        events.event_date >= starts.start_date
        and (choices.given_event is null or given_events.event is not null)
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

chosen as (select * exclude (candidate_number) from ordered where candidate_number = 1)

select * from chosen
