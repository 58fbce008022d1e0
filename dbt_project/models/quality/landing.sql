-- One row per centre and contract table.
-- R10: records emitted by the mapping = landed + quarantined + duplicates; withdrawn ones are counted beside.
with counts as (select * from {{ source('lake', 'landing_counts') }}),

summed as (
    select
        centre_id,
        table_name,
        cast(sum(rows_emitted) as bigint) as rows_emitted,
        cast(sum(rows_landed) as bigint) as rows_landed,
        cast(sum(rows_quarantined) as bigint) as rows_quarantined,
        cast(sum(rows_duplicate) as bigint) as rows_duplicate,
        cast(sum(rows_withdrawn) as bigint) as rows_withdrawn
    from counts
    group by centre_id, table_name
)

select * from summed
