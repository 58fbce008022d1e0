-- One row per check, parameter set and pathology report, or indexed patient with a proof, that the check looked at.
-- R10: unspecific morphology of the study's cancer (DQ019), proof after the index date (DQ066).
{{ config(materialized='view') }}
{%- set keys = 'param_set_id, centre_id, patient_key' %}

with indexed as (
    select {{ keys }}, index_date, source_file, source_row from {{ ref('int_index') }} where index_status = 'OK'
),

reports as (
    select
        {{ keys }},
        row_key,
        source_file,
        source_row,
        min(path_lo) as path_lo,
        bool_or(coalesce(site_fits, true)) as is_of_site,
        bool_or(icdo_morphology is null or is_morphology_uncertain) as is_unspecific,
        bool_or(site_fits and morphology_fits and not is_behaviour_missing) as is_proof
    from {{ ref('int_condition_pathology_reports') }}
    where condition_type = 'pathology'
    group by {{ keys }}, row_key, source_file, source_row
),

first_proofs as (select {{ keys }}, min(path_lo) as proof_date from reports where is_proof group by {{ keys }}),

judged as (
    select
        'DQ019' as check_id, 'pathology' as table_name, {{ keys }}, row_key, source_file, source_row,
        is_unspecific as is_failed
    from reports
    where is_of_site
    union all
    select
        'DQ066' as check_id, 'pathology' as table_name, {{ keys }}, null as row_key, indexed.source_file,
        indexed.source_row, first_proofs.proof_date > indexed.index_date as is_failed
    from indexed
    inner join first_proofs using ({{ keys }})
),

looked_at as (
    select
        check_id, table_name, centre_id, patient_key, row_key, source_file, source_row, param_set_id, is_failed
    from judged
    where is_failed is not null
)

select * from looked_at
