-- One row per delivery of a centre.
-- R0.1: the deliveries that this release holds.
with deliveries as (
    select centre_id, delivery_id, batch_id, extract_date, delivery_seq, n_files from {{ source('lake', 'deliveries') }}
)

select * from deliveries
