-- One row per covariate age or sex and patient with an index date.
-- R3.2 I3: age in completed years at the index date; sex as registered.
with covariates as (select param_set_id, covariate, covariate_type from {{ source('protocol', 'covariates') }}),

ages as (select * from {{ ref('int_ages') }}),

patients as (select centre_id, patient_key, sex from {{ ref('stg_patient') }}),

valued as (
    select
        covariates.param_set_id,
        covariates.covariate,
        ages.centre_id,
        ages.patient_key,
        case when covariates.covariate_type = 'age' then cast(ages.age_years as decimal(18, 4)) end as value_number,
        case when covariates.covariate_type = 'sex' then patients.sex end as value_text,
        ages.source_table,
        ages.source_file,
        ages.source_row
    from covariates
    inner join ages on covariates.param_set_id = ages.param_set_id
    inner join patients on ages.centre_id = patients.centre_id and ages.patient_key = patients.patient_key
    where covariates.covariate_type in ('age', 'sex')
)

select * from valued
