-- One row per centre, table and check that left rows out of staging.
-- R10: landed rows that no derivation reads, counted by the reason.
{{ config(materialized='view', schema='intermediate') }}

with rejected as (select centre_id, table_name, check_id from {{ ref('int_rejected_rows') }}),

counted as (
    select
        centre_id,
        table_name,
        check_id,
        count(*) as n_rows
    from rejected
    group by centre_id, table_name, check_id
)

select * from counted
