-- One row per study, variant other than the primary and parameter that it sets differently.
-- R0: what a variant changes, so that nobody has to compare protocol files.
with sets as (select * from {{ source('protocol', 'study_param_sets') }}),

parameters as (select * from {{ source('protocol', 'parameters') }}),

variant_values as (
    select sets.study_id, sets.variant, parameters.parameter, max(parameters.value) as parameter_value
    from sets
    inner join parameters on sets.param_set_id = parameters.param_set_id
    group by sets.study_id, sets.variant, parameters.parameter
),

compared as (
    select
        variants.study_id,
        variants.variant,
        variants.parameter,
        originals.parameter_value as primary_value,
        variants.parameter_value as variant_value
    from variant_values as variants
    inner join variant_values as originals
        on
            variants.study_id = originals.study_id
            and variants.parameter = originals.parameter
            and originals.variant = 'primary'
    where variants.variant <> 'primary' and variants.parameter_value is distinct from originals.parameter_value
)

select * from compared
