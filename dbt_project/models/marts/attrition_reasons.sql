-- One row per study, variant, criterion and reason for which patients left at it.
-- R3.2: each patient is counted once, at the first criterion that failed.
with sets as (
    select study_id, variant, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R3'
),

decided as (select * from {{ ref('int_eligibility_patients') }} where not is_included),

reasons as (
    select
        sets.study_id,
        sets.variant,
        decided.first_failed_seq as step,
        decided.first_failed_criterion as criterion_id,
        decided.first_failed_status as status,
        decided.first_failed_reason as reason,
        count(*) as n_patients
    from sets
    inner join decided on sets.param_set_id = decided.param_set_id
    group by
        sets.study_id, sets.variant, decided.first_failed_seq, decided.first_failed_criterion,
        decided.first_failed_status, decided.first_failed_reason
)

select * from reasons
