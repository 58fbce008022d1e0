-- One row per R2 parameter set, drug row and drug of it, kept or dropped.
-- R1, R2.1: what the row was read as, why it was dropped, and the episode and line that it belongs to.
with drug_rows as (select * from {{ ref('int_drug_rows_selected') }}),

placed as (select param_set_id, row_key, part_no, episode_id, line_seq from {{ ref('int_drug_row_lines') }}),

published as (
    select
        drug_rows.param_set_id,
        drug_rows.centre_id,
        drug_rows.patient_key,
        drug_rows.row_key,
        drug_rows.part_no,
        {{ omop_drug_exposure_id('drug_rows.row_key', 'drug_rows.part_no') }} as drug_exposure_id,
        drug_rows.source_kind,
        drug_rows.raw_name,
        drug_rows.drug_key,
        drug_rows.match_method,
        drug_rows.review_flag,
        drug_rows.counts_in_lot,
        drug_rows.local_route,
        drug_rows.start_date,
        drug_rows.start_flag,
        drug_rows.end_date,
        cast(drug_rows.dose_mg as decimal(18, 4)) as dose_mg,
        cast(drug_rows.qty as decimal(18, 4)) as qty,
        drug_rows.status,
        drug_rows.reason_stop,
        drug_rows.is_kept,
        drug_rows.dropped_reason,
        placed.episode_id,
        placed.line_seq,
        'drug_row' as source_table,
        drug_rows.source_file,
        drug_rows.source_row
    from drug_rows
    left join placed
        on
            drug_rows.param_set_id = placed.param_set_id
            and drug_rows.row_key = placed.row_key
            and drug_rows.part_no = placed.part_no
)

select * from published
