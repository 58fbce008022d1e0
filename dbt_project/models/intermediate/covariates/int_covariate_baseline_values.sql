-- One row per covariate baseline_value and patient with an index date.
-- R3.3: the value of the item inside its baseline window; nothing outside the window is carried forward.
with covariates as (
    select param_set_id, covariate, item
    from {{ source('protocol', 'covariates') }}
    where covariate_type = 'baseline_value'
),

baseline as (select * from {{ ref('int_baseline_ecog') }}),

valued as (
    select
        covariates.param_set_id,
        covariates.covariate,
        baseline.centre_id,
        baseline.patient_key,
        baseline.value_number,
        cast(null as varchar) as value_text,
        baseline.source_table,
        baseline.source_file,
        baseline.source_row
    from covariates
    inner join baseline on covariates.param_set_id = baseline.param_set_id and covariates.item = baseline.item
)

select * from valued
