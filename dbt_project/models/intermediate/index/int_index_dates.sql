-- One row per R3 parameter set and patient screened.
-- R3.1: the index date by the protocol's own definition, and whether it lies in the enrolment window (calendar sources
-- only).
with definitions as (
    select param_set_id, index_type, index_from, index_to from {{ source('protocol', 'index_definitions') }}
),

patients as (
    select param_set_id, centre_id, patient_key, calendar, data_cutoff from {{ ref('int_patients_screened') }}
),

found as (
    select *, 'drug_row' as source_table from {{ ref('int_index_combination') }}
    union all
    select *, 'drug_row' as source_table from {{ ref('int_index_line_start') }}
    union all
    select *, 'disease_event' as source_table from {{ ref('int_index_diagnosis') }}
),

dated as (
    select
        patients.param_set_id,
        patients.centre_id,
        patients.patient_key,
        patients.calendar,
        patients.data_cutoff,
        definitions.index_type,
        found.index_date,
        case
            when found.patient_key is null and definitions.index_type = 'combination' then 'NO_COMBINATION'
            when found.patient_key is null and definitions.index_type = 'line_start' then 'NO_LINE'
            when found.patient_key is null then 'NO_DIAGNOSIS'
            when found.index_date is null then 'IMPRECISE_DIAGNOSIS'
            when patients.calendar = 'relative' then 'OK'
            when found.index_date < definitions.index_from or found.index_date > definitions.index_to
                then 'OUT_OF_WINDOW'
            else 'OK'
        end as index_status,
        found.source_table,
        found.source_file,
        found.source_row
    from patients
    inner join definitions on patients.param_set_id = definitions.param_set_id
    left join found
        on
            patients.param_set_id = found.param_set_id
            and patients.centre_id = found.centre_id
            and patients.patient_key = found.patient_key
)

select * from dated
