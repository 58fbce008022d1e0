-- One row per study, variant and centre.
-- R0.4: the data cutoff that a study uses at a centre; none where the centre's source has relative days.
with study_sets as (
    select study_id, variant, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R3'
),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

dated as (
    select
        study_sets.study_id,
        study_sets.variant,
        cutoffs.centre_id,
        cutoffs.data_cutoff
    from study_sets
    inner join cutoffs on study_sets.param_set_id = cutoffs.param_set_id
)

select * from dated
