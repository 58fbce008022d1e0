-- One row per study, variant, family of rules and included patient.
-- R3.2: who is included, under the parameter set that each family of rules derives this study's rows with.
{{ config(materialized='view') }}

with sets as (select * from {{ source('protocol', 'study_param_sets') }}),

decided as (select * from {{ ref('int_eligibility_patients') }} where is_included),

included as (
    select
        sets.study_id,
        sets.variant,
        sets.rule_family,
        sets.param_set_id,
        decided.centre_id,
        decided.patient_key
    from sets
    inner join sets as cohort_sets
        on
            sets.study_id = cohort_sets.study_id
            and sets.variant = cohort_sets.variant
            and cohort_sets.rule_family = 'R3'
    inner join decided on cohort_sets.param_set_id = decided.param_set_id
)

select * from included
