-- One row per parameter set and parameter.
-- R0: the value that each parameter has in each set, with its unit, its rule and why it is so.
with parameter_values as (
    select param_set_id, rule_family, parameter, value from {{ source('protocol', 'parameters') }}
),

described as (select param, unit, rule, why from {{ ref('params') }}),

explained as (
    select
        parameter_values.param_set_id,
        parameter_values.rule_family,
        parameter_values.parameter,
        parameter_values.value,
        described.unit,
        described.rule,
        described.why
    from parameter_values
    left join described on parameter_values.parameter = described.param
)

select * from explained
