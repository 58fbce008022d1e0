-- One row per R4 parameter set, patient and checkpoint-inhibitor (or blinded) drug row before the index date.
-- R4.1: doses of earlier lines are prior exposure; doses inside the index line tell an add-on from a combination.
{{ config(materialized='view') }}

with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R3'
),

param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R4'),

prior_rows as (select * from {{ ref('int_prior_drug_rows') }} where is_ici = 'Y' or is_blinded),

doses as (
    select
        param_sets.param_set_id,
        prior_rows.centre_id,
        prior_rows.patient_key,
        prior_rows.drug_key,
        prior_rows.is_blinded,
        prior_rows.in_index_line,
        prior_rows.source_kind,
        prior_rows.start_lo,
        prior_rows.dose_lo,
        prior_rows.dose_hi,
        prior_rows.row_key,
        prior_rows.source_file,
        prior_rows.source_row
    from param_sets
    inner join upstream on param_sets.param_set_id = upstream.param_set_id
    inner join prior_rows on upstream.upstream_param_set_id = prior_rows.param_set_id
)

select * from doses
