-- One row per check and row that fails it.
-- R10: where to look, by file and row; no value of the row stands here.
with failures as (
    select
        check_id, table_name, centre_id, patient_key, row_key, source_file, source_row, param_set_id
    from {{ ref('int_checked_rows') }}
    where is_failed
)

select * from failures
