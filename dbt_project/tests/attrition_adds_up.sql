-- One row per step of a flowchart that does not add up.
-- R3.2, R9.10: who comes in leaves as not met, as unknown, or goes on; who goes on comes in at the next step; the last
-- step's are the included.
with steps as (
    select
        *,
        lead(n_in) over (partition by study_id, variant order by step) as next_in
    from {{ ref('attrition') }}
),

cohort as (
    select study_id, variant, count(*) filter (where is_included) as n_included
    from {{ ref('study_cohort') }}
    group by study_id, variant
)

select steps.*
from steps
left join cohort on steps.study_id = cohort.study_id and steps.variant = cohort.variant
where
    steps.n_in <> steps.n_not_met + steps.n_unknown_excluded + steps.n_out
    or steps.n_out <> coalesce(steps.next_in, cohort.n_included, 0)
