-- One row per check, table, centre and, where the check depends on parameters, study and variant.
-- R10: the rows that each check on rows looked at, and those that failed; a check may look at the rows of two families
-- of rules (DQ077: time points and best responses).
with checked as (
    select
        check_id,
        table_name,
        centre_id,
        param_set_id,
        count(*) as n_rows,
        count(*) filter (where is_failed) as n_fail
    from {{ ref('int_checked_rows') }}
    group by check_id, table_name, centre_id, param_set_id
),

sets as (select study_id, variant, param_set_id from {{ source('protocol', 'study_param_sets') }}),

counted as (
    select
        checked.check_id,
        checked.table_name,
        checked.centre_id,
        sets.study_id,
        sets.variant,
        cast(sum(checked.n_rows) as bigint) as n_rows,
        cast(sum(checked.n_fail) as bigint) as n_fail
    from checked
    left join sets on checked.param_set_id = sets.param_set_id
    group by checked.check_id, checked.table_name, checked.centre_id, sets.study_id, sets.variant
)

select * from counted
