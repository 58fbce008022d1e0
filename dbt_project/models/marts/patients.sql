-- One row per patient.
-- R0.1: who the patient is, with the first recorded diagnosis and the latest invasive pathology; the site falls back
-- on the coded primary diagnosis.
with patients as (select * from {{ ref('stg_patient') }}),

diagnoses as (
    select centre_id, patient_key, min(event_lo) as diagnosis_date
    from {{ ref('stg_disease_event') }}
    where event = 'DX'
    group by centre_id, patient_key
),

pathology as (
    select
        centre_id,
        patient_key,
        {{ value_of_last('site_icdo', '(path_lo, row_key)') }} as site_icdo,
        {{ value_of_last('icdo_morphology', '(path_lo, row_key)') }} as icdo_morphology
    from {{ ref('int_invasive_pathology') }}
    group by centre_id, patient_key
),

codes as (
    select centre_id, patient_key, {{ value_of_first('code', '(date_lo, row_key)') }} as code
    from {{ ref('stg_diagnosis') }}
    where kind = 'PRIMARY'
    group by centre_id, patient_key
),

described as (
    select
        patients.centre_id,
        patients.patient_key,
        patients.sex,
        patients.birth_ym,
        patients.age_at_diagnosis,
        patients.calendar,
        diagnoses.diagnosis_date,
        coalesce(pathology.site_icdo, codes.code) as primary_site_code,
        pathology.icdo_morphology as morphology_code,
        patients.source_file,
        patients.source_row
    from patients
    left join diagnoses
        on patients.centre_id = diagnoses.centre_id and patients.patient_key = diagnoses.patient_key
    left join pathology
        on patients.centre_id = pathology.centre_id and patients.patient_key = pathology.patient_key
    left join codes on patients.centre_id = codes.centre_id and patients.patient_key = codes.patient_key
)

select * from described
