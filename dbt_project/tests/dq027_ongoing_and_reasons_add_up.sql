-- One row per study and variant whose patients on treatment and reasons for its end do not add up to the included.
-- DQ027, R7.6: ongoing + reasons = N.
with cohort as (
    select study_id, variant, count(*) as n_included
    from {{ ref('study_cohort') }}
    where is_included
    group by study_id, variant
),

told as (
    select
        study_id,
        variant,
        count(*) filter (where is_ongoing and reason = 'ONGOING') as n_ongoing,
        count(*) filter (where not is_ongoing and reason <> 'ONGOING') as n_ended
    from {{ ref('disposition') }}
    group by study_id, variant
)

select cohort.*
from cohort
left join told on cohort.study_id = told.study_id and cohort.variant = told.variant
where coalesce(told.n_ongoing, 0) + coalesce(told.n_ended, 0) <> cohort.n_included
