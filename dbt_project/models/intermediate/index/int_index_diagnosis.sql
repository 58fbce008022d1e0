-- One row per R3 parameter set with a diagnosis index and patient with a recorded diagnosis.
-- R3.1: the first diagnosis event; an index date is never imputed, so a first diagnosis without an exact day gives
-- none (R0.3).
with definitions as (
    select param_set_id from {{ source('protocol', 'index_definitions') }} where index_type = 'diagnosis'
),

patients as (select param_set_id, centre_id, patient_key, data_cutoff from {{ ref('int_patients_screened') }}),

diagnoses as (
    select centre_id, patient_key, event_lo, event_precision, row_key, source_file, source_row
    from {{ ref('stg_disease_event') }}
    where event = 'DX' and event_lo is not null
),

ordered as (
    select
        patients.param_set_id,
        patients.centre_id,
        patients.patient_key,
        case when diagnoses.event_precision = 'D' then diagnoses.event_lo end as index_date,
        diagnoses.source_file,
        diagnoses.source_row,
        row_number() over (
            partition by patients.param_set_id, patients.centre_id, patients.patient_key
            order by diagnoses.event_lo, diagnoses.event_precision, diagnoses.row_key
        ) as diagnosis_number
    from patients
    inner join definitions on patients.param_set_id = definitions.param_set_id
    inner join diagnoses
        on patients.centre_id = diagnoses.centre_id and patients.patient_key = diagnoses.patient_key
    where patients.data_cutoff is null or diagnoses.event_lo <= patients.data_cutoff
),

chosen as (
    select param_set_id, centre_id, patient_key, index_date, source_file, source_row
    from ordered
    where diagnosis_number = 1
)

select * from chosen
