-- One row per criterion and patient screened, before any reviewer's decision.
-- R0.2, R3.2: a criterion holds when all its conditions hold; the first condition of the deciding status gives the
-- reason.
with criteria as (select * from {{ source('protocol', 'criteria') }}),

conditions as (select * from {{ ref('int_conditions') }}),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, centre_id, patient_key
            order by status = 'NOT_MET' desc, status = 'UNKNOWN' desc, condition_no
        ) as condition_rank
    from conditions
),

judged as (
    select
        criteria.param_set_id,
        ordered.centre_id,
        ordered.patient_key,
        criteria.criterion_id,
        criteria.criterion_seq,
        criteria.unknown_policy,
        ordered.status,
        ordered.reason,
        ordered.source_table,
        ordered.source_file,
        ordered.source_row
    from criteria
    inner join ordered
        on criteria.param_set_id = ordered.param_set_id and criteria.criterion_id = ordered.criterion_id
    where ordered.condition_rank = 1
)

select * from judged
