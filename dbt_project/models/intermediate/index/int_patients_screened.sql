-- One row per R3 parameter set and patient of the warehouse.
-- R3: every patient is screened for every study; the study's data cutoff at the patient's centre bounds what is read
-- (R0.4).
{{ config(materialized='view') }}

with param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R3'),

patients as (
    select centre_id, patient_key, sex, birth_ym, age_at_diagnosis, calendar, source_file, source_row
    from {{ ref('stg_patient') }}
),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

screened as (
    select
        param_sets.param_set_id,
        patients.*,
        cutoffs.data_cutoff
    from patients
    cross join param_sets
    left join cutoffs
        on param_sets.param_set_id = cutoffs.param_set_id and patients.centre_id = cutoffs.centre_id
)

select * from screened
