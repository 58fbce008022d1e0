-- One row per R6 parameter set, endpoint and parameter.
-- R6.2: what the endpoint itself says, else what its name presets, else what the study says; pfs_primary lends PFS and
-- the duration of response the preset of another PFS; clinical_pd_counts makes IMAGING EITHER.
{{ config(materialized='view') }}

with endpoints as (
    select distinct param_set_id, paramcd, base, component from {{ source('protocol', 'endpoints') }}
),

study_values as (
    select param_set_id, parameter, value from {{ source('protocol', 'parameters') }} where rule_family = 'R6'
),

own_values as (
    select param_set_id, paramcd, parameter, value from {{ source('protocol', 'endpoint_parameters') }}
),

presets as (select preset, built_as, parameter, value from {{ ref('endpoint_presets') }}),

bases as (select distinct preset, built_as from presets),

primary_rules as (select param_set_id, pfs_primary from {{ ref('int_parameters_r6') }}),

named as (
    select
        endpoints.*,
        coalesce(bases.built_as, endpoints.base) as built_as,
        case
            when endpoints.base in ('PFS', 'DOR') and primary_rules.pfs_primary = 'fda' then 'PFSFDA'
            when endpoints.base in ('PFS', 'DOR') and primary_rules.pfs_primary = 'composite' then 'PFSCOMP'
            else endpoints.base
        end as preset
    from endpoints
    inner join primary_rules on endpoints.param_set_id = primary_rules.param_set_id
    left join bases on endpoints.base = bases.preset
),

resolved as (
    select
        named.param_set_id,
        named.paramcd,
        named.component,
        named.built_as,
        study_values.parameter,
        coalesce(own_values.value, presets.value, study_values.value) as value
    from named
    inner join study_values on named.param_set_id = study_values.param_set_id
    left join presets on named.preset = presets.preset and study_values.parameter = presets.parameter
    left join own_values
        on
            named.param_set_id = own_values.param_set_id
            and named.paramcd = own_values.paramcd
            and study_values.parameter = own_values.parameter
),

consistent as (
    select
        * exclude (value),
        case
            when parameter <> 'pd_source' or value <> 'IMAGING' then value
            when bool_or(parameter = 'clinical_pd_counts' and value = 'Y') over (partition by param_set_id, paramcd)
                then 'EITHER'
            else value
        end as value
    from resolved
)

select * from consistent
