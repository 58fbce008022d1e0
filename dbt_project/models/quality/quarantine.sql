-- One row per centre, contract table, check, column and reason.
-- R10: how many records are in quarantine and why; never what they said.
with counts as (select * from {{ source('lake', 'quarantine_counts') }}),

summed as (
    select
        centre_id,
        table_name,
        check_id,
        column_name,
        reason,
        cast(sum(n_rows) as bigint) as n_rows
    from counts
    group by centre_id, table_name, check_id, column_name, reason
)

select * from summed
