-- One row per patient, kind of record and day on which such a record stands.
-- R6.3: which records prove life (visits, specimens, vital signs, administrations, imaging, direct calls) and which
-- are activity of a living body; refills and bills prove neither.
with records as (
    select
        centre_id, patient_key, 'lab' as source_table, specimen_lo as record_date,
        true as proves_life, true as is_activity, source_file, source_row
    from {{ ref('stg_lab') }}
    union all
    select
        centre_id, patient_key, 'vital' as source_table, specimen_lo as record_date,
        true as proves_life, true as is_activity, source_file, source_row
    from {{ ref('stg_vital') }}
    union all
    select
        centre_id, patient_key, 'ecog' as source_table, specimen_lo as record_date,
        true as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_ecog') }}
    union all
    select
        centre_id, patient_key, 'drug_row' as source_table, start_lo as record_date,
        source_kind in ('ADMIN', 'MAR') as proves_life, source_kind in ('ADMIN', 'MAR') as is_activity,
        source_file, source_row
    from {{ ref('stg_drug_row') }}
    where coalesce(status, 'DONE') not in ('CANCELLED', 'PLANNED')
    union all
    select
        centre_id, patient_key, 'scan' as source_table, scan_lo as record_date,
        true as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_scan') }}
    union all
    select
        centre_id, patient_key, 'lesion' as source_table, scan_lo as record_date,
        true as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_lesion') }}
    union all
    select
        centre_id, patient_key, 'response' as source_table, response_lo as record_date,
        true as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_response') }}
    union all
    select
        centre_id, patient_key, 'procedure' as source_table, start_lo as record_date,
        true as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_procedure') }}
    union all
    select
        centre_id, patient_key, 'contact' as source_table, date_lo as record_date,
        kind in ('OUTPATIENT_VISIT', 'INPATIENT_STAY', 'PHONE_PATIENT', 'PHONE_FAMILY') as proves_life,
        false as is_activity, source_file, source_row
    from {{ ref('stg_contact') }}
    union all
    select
        centre_id, patient_key, 'death' as source_table, date_lo as record_date,
        false as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_death') }}
    union all
    select
        centre_id, patient_key, 'disease_event' as source_table, event_lo as record_date,
        false as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_disease_event') }}
    union all
    select
        centre_id, patient_key, 'ae' as source_table, start_lo as record_date,
        false as proves_life, false as is_activity, source_file, source_row
    from {{ ref('stg_ae') }}
),

days as (
    select
        centre_id,
        patient_key,
        source_table,
        record_date,
        bool_or(proves_life) as proves_life,
        bool_or(is_activity) as is_activity,
        {{ value_of_first('source_file', '(not proves_life, source_file, source_row)') }} as source_file,
        {{ value_of_first('source_row', '(not proves_life, source_file, source_row)') }} as source_row
    from records
    where record_date is not null
    group by centre_id, patient_key, source_table, record_date
)

select * from days
