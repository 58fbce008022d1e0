-- One row per centre, table and check that left rows out of staging.
-- R10: landed rows that no derivation reads, counted by the reason, and where the first of them stands.
{{ config(materialized='view', schema='intermediate') }}

with rejected as (select * from {{ ref('int_rejected_rows') }}),

counted as (
    select
        centre_id,
        table_name,
        check_id,
        count(*) as n_rows,
        {{ value_of_first('delivery_id', '(delivery_id, source_file, source_row)') }} as delivery_id,
        {{ value_of_first('source_file', '(delivery_id, source_file, source_row)') }} as source_file,
        {{ value_of_first('source_row', '(delivery_id, source_file, source_row)') }} as source_row
    from rejected
    group by centre_id, table_name, check_id
)

select * from counted
