-- One row per check and row that it looked at.
-- R10: what every check on rows found, whether the row is staged, rejected by staging, or derived.
{{ config(materialized='view') }}
{%- set columns = 'check_id, table_name, centre_id, patient_key, row_key, source_file, source_row, param_set_id' %}

with checked as (
    select {{ columns }}, is_failed from {{ ref('int_checks_on_patients') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_drug_rows') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_checkpoint_doses') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_results') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_lesions') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_targets') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_responses') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_adverse_events') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_cohorts') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_pathology') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_derivations') }}
    union all
    select {{ columns }}, is_failed from {{ ref('int_checks_on_totals') }}
    union all
    select
        check_id, table_name, centre_id, patient_key, row_key, source_file, source_row,
        cast(null as varchar) as param_set_id, true as is_failed
    from {{ ref('int_rejected_rows') }}
)

select * from checked
