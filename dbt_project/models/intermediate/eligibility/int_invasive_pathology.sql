-- One row per pathology report of a malignant primary, or of unstated behaviour.
-- R3.2 I1, E1: only invasive disease (ICD-O-3 behaviour /3) proves or excludes a histology; an unstated behaviour
-- proves neither.
{{ config(materialized='view') }}

with reports as (
    select
        centre_id, patient_key, path_lo, path_hi, site_icdo, icdo_morphology, behaviour, text_flag_mixed, row_key,
        source_file, source_row
    from {{ ref('stg_pathology') }}
),

invasive as (
    select
        *,
        behaviour is null as is_behaviour_missing
    from reports
    where behaviour is null or behaviour = '3'
)

select * from invasive
