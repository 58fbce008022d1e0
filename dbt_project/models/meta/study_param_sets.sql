-- One row per study, variant and family of rules.
-- R0.5: which parameter set a study's variant derives its rows with; each distinct set is derived once.
with study_sets as (
    select study_id, variant, rule_family, param_set_id from {{ source('protocol', 'study_param_sets') }}
)

select * from study_sets
