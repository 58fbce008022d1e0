-- One row per centre, contract table, check, column and reason.
-- R10: how many records are in quarantine and why, and how many landed rows staging rejects (reason
-- rejected_in_staging); never what they said.
with refused as (
    select centre_id, table_name, check_id, column_name, reason, n_rows
    from {{ source('lake', 'quarantine_counts') }}
    union all
    select
        rejections.centre_id,
        rejections.table_name,
        rejections.check_id,
        checks.columns as column_name,
        'rejected_in_staging' as reason,
        rejections.n_rows
    from {{ ref('int_staging_rejections') }} as rejections
    inner join {{ ref('dq_checks') }} as checks on rejections.check_id = checks.check_id
),

summed as (
    select
        centre_id,
        table_name,
        check_id,
        column_name,
        reason,
        cast(sum(n_rows) as bigint) as n_rows
    from refused
    group by centre_id, table_name, check_id, column_name, reason
)

select * from summed
