-- One row per study, variant and criterion.
-- R3.2: the flowchart: who reached each step, who left it as not met or unknown, who stayed although unknown; the
-- steps add up.
with sets as (
    select study_id, variant, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R3'
),

criteria as (select * from {{ source('protocol', 'criteria') }}),

reached as (
    select
        matrix.param_set_id,
        matrix.criterion_id,
        count(*) as n_in,
        count(*) filter (where not matrix.passes and matrix.status = 'NOT_MET') as n_not_met,
        count(*) filter (where not matrix.passes and matrix.status = 'UNKNOWN') as n_unknown_excluded,
        count(*) filter (where matrix.passes and matrix.status = 'UNKNOWN') as n_unknown_kept,
        count(*) filter (where matrix.passes) as n_out
    from {{ ref('int_eligibility') }} as matrix
    inner join {{ ref('int_eligibility_patients') }} as decided
        on
            matrix.param_set_id = decided.param_set_id
            and matrix.centre_id = decided.centre_id
            and matrix.patient_key = decided.patient_key
    where decided.is_included or matrix.criterion_seq <= decided.first_failed_seq
    group by matrix.param_set_id, matrix.criterion_id
),

steps as (
    select
        sets.study_id,
        sets.variant,
        criteria.criterion_seq as step,
        criteria.criterion_id,
        criteria.kind,
        criteria.label,
        coalesce(reached.n_in, 0) as n_in,
        coalesce(reached.n_not_met, 0) as n_not_met,
        coalesce(reached.n_unknown_excluded, 0) as n_unknown_excluded,
        coalesce(reached.n_unknown_kept, 0) as n_unknown_kept,
        coalesce(reached.n_out, 0) as n_out
    from sets
    inner join criteria on sets.param_set_id = criteria.param_set_id
    left join reached
        on criteria.param_set_id = reached.param_set_id and criteria.criterion_id = reached.criterion_id
)

select * from steps
