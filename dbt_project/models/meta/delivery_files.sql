-- One row per file of a delivery.
-- R0.1: each file with its checksum; rows read are used, skipped or failed.
with delivery_files as (
    select
        centre_id,
        delivery_id,
        source,
        source_file,
        sha256,
        n_bytes,
        rows_read,
        rows_used,
        rows_skipped,
        rows_failed,
        error
    from {{ source('lake', 'delivery_files') }}
)

select * from delivery_files
