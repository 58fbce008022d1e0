-- One row per R3 parameter set.
-- R3.3: how many days after the index date a stage or site report still describes the baseline; none where the
-- parameters do not allow any.
{{ config(materialized='view') }}

with param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R3'),

parameters as (
    select
        param_set_id,
        cast(value as integer) as days_after_index
    from {{ source('protocol', 'parameters') }}
    where parameter = 'bl_stage_after'
),

windows as (
    select
        param_sets.param_set_id,
        coalesce(parameters.days_after_index, 0) as days_after_index
    from param_sets
    left join parameters on param_sets.param_set_id = parameters.param_set_id
)

select * from windows
