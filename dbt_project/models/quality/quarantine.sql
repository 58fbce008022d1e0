-- One row per centre, contract table, check, column and reason.
-- R10: how many records are in quarantine and why, and how many landed rows staging rejects (reason
-- rejected_in_staging), with the place of the first in the newest delivery that has such; never what they said.
with deliveries as (select * from {{ source('lake', 'deliveries') }}),

refused as (
    select
        counts.centre_id,
        counts.table_name,
        counts.check_id,
        counts.column_name,
        counts.reason,
        counts.n_rows,
        deliveries.delivery_id,
        (deliveries.extract_date, deliveries.delivery_seq) as delivery_order,
        counts.source_file,
        counts.source_row
    from {{ source('lake', 'quarantine_counts') }} as counts
    left join deliveries on counts.batch_id = deliveries.batch_id
    union all
    select
        rejections.centre_id,
        rejections.table_name,
        rejections.check_id,
        checks.columns as column_name,
        'rejected_in_staging' as reason,
        rejections.n_rows,
        rejections.delivery_id,
        (deliveries.extract_date, deliveries.delivery_seq) as delivery_order,
        rejections.source_file,
        rejections.source_row
    from {{ ref('int_staging_rejections') }} as rejections
    inner join {{ ref('dq_checks') }} as checks on rejections.check_id = checks.check_id
    left join deliveries
        on rejections.centre_id = deliveries.centre_id and rejections.delivery_id = deliveries.delivery_id
),

summed as (
    select
        centre_id,
        table_name,
        check_id,
        column_name,
        reason,
        cast(sum(n_rows) as bigint) as n_rows,
        {{ value_of_last('delivery_id', 'delivery_order') }} as delivery_id,
        {{ value_of_last('source_file', 'delivery_order') }} as source_file,
        {{ value_of_last('source_row', 'delivery_order') }} as source_row
    from refused
    group by centre_id, table_name, check_id, column_name, reason
)

select * from summed
