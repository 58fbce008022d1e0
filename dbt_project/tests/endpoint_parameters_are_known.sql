-- One row per endpoint and parameter whose value no rule can follow.
-- R6.2, R6.3: a misspelt value never passes for the default; params.csv lists the values that there are.
with known as (
    select param, '|' || "default" || '|' || coalesce(sensitivity, '') || '|' as known_values
    from {{ ref('params') }}
    where unit in ('enum', 'flag')
)

select
    endpoint_values.param_set_id,
    endpoint_values.paramcd,
    endpoint_values.parameter,
    endpoint_values.value
from {{ ref('int_endpoint_parameters') }} as endpoint_values
left join known on endpoint_values.parameter = known.param
where
    known.known_values not like '%|' || endpoint_values.value || '|%'
    or (
        endpoint_values.parameter = 'registry_complete_to'
        and not regexp_full_match(endpoint_values.value, '([0-9-]*)|(( *[a-z0-9_]+ *= *[0-9-]+ *;?)+)')
    )
