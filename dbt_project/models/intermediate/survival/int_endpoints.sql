-- One row per R6 parameter set, endpoint and event that may end or censor it.
-- R6.2: endpoints are rows: events and censors in their order, those that hang on a parameter kept where the study's
-- value asks for them.
{{ config(materialized='view') }}

with asked as (select distinct param_set_id, paramcd from {{ source('protocol', 'endpoints') }}),

endpoint_sources as (select * from {{ ref('endpoint_sources') }} where role in ('EVENT', 'CENSOR')),

parameters as (
    select param_set_id, parameter, value from {{ source('protocol', 'parameters') }} where rule_family = 'R6'
),

chosen as (
    select
        asked.param_set_id,
        endpoint_sources.*
    from asked
    inner join endpoint_sources on asked.paramcd = endpoint_sources.paramcd
    left join parameters
        on asked.param_set_id = parameters.param_set_id and endpoint_sources.parameter = parameters.parameter
    where endpoint_sources.parameter is null or parameters.value = endpoint_sources.value
)

select * from chosen
