-- One row per R2 parameter set and drug exposure.
-- R2.1: why a row cannot be used, whatever else was recorded: cancelled, planned, unnamed, undated, late or returned.
{{ config(materialized='view') }}
with dated as (select * from {{ ref('int_drug_rows_dated') }}),

returned as (select * from {{ ref('int_returned_dispensings') }}),

judged as (
    select
        dated.*,
        case
            when dated.status = 'CANCELLED' then 'CANCELLED'
            when dated.status = 'PLANNED' then 'PLANNED'
            when dated.drug_key = 'UNRESOLVED' then 'UNRESOLVED_NAME'
            when dated.start_date is null then 'DATE_UNUSABLE'
            when not {{ by_cutoff('dated.start_date', 'dated.data_cutoff') }} then 'AFTER_CUTOFF'
            when returned.row_key is not null then 'RETURNED'
            when dated.source_kind = 'RETURN' and dated.is_oral = 'N' then 'RETURN'
        end as unusable_reason
    from dated
    left join returned
        on
            dated.param_set_id = returned.param_set_id
            and dated.row_key = returned.row_key
            and dated.part_no = returned.part_no
)

select * from judged
