-- One row per R2 parameter set and drug exposure, kept or dropped with the reason.
-- R2.1: rows that can be used and that no better document repeats.
with judged as (select * from {{ ref('int_drug_rows_judged') }}),

outranked as (select * from {{ ref('int_outranked_drug_rows') }}),

selected as (
    select
        judged.*,
        coalesce(judged.unusable_reason, outranked.outranked_reason) is null as is_kept,
        coalesce(judged.unusable_reason, outranked.outranked_reason) as dropped_reason
    from judged
    left join outranked
        on
            judged.param_set_id = outranked.param_set_id
            and judged.row_key = outranked.row_key
            and judged.part_no = outranked.part_no
)

select * from selected
