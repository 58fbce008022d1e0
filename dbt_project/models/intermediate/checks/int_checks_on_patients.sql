-- One row per check and registered patient, pathology report, coded condition, death record or contact looked at.
-- R10: registration (DQ029), cancers that the sex does not have (DQ056), deaths without a date or far apart (DQ035,
-- DQ061), patients seen alive by bills alone (DQ074).
{{ config(materialized='view') }}

with patients as (select * from {{ ref('stg_patient') }}),

sites as (select * from {{ ref('sex_specific_sites') }}),

conditions as (
    select
        'pathology' as table_name, centre_id, patient_key, site_icdo as code, row_key, source_file, source_row
    from {{ ref('stg_pathology') }}
    union all
    select 'diagnosis' as table_name, centre_id, patient_key, code, row_key, source_file, source_row
    from {{ ref('stg_diagnosis') }}
),

deaths as (
    select
        *,
        case
            when count(*) over (partition by centre_id, patient_key) > 1
                then
                    {{ days_between(
                        'min(date_hi) over (partition by centre_id, patient_key)',
                        'max(date_lo) over (partition by centre_id, patient_key)'
                    ) }}
        end as days_apart
    from {{ ref('stg_death') }}
),

contacts as (
    select
        *,
        row_number()
            over (partition by centre_id, patient_key order by date_lo desc nulls last, row_key asc)
            as contact_no
    from {{ ref('stg_contact') }}
),

seen_alive as (select distinct centre_id, patient_key from {{ ref('int_record_days') }} where proves_life),

looked_at as (
    select
        'DQ029' as check_id, 'patient' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        cast(null as varchar) as param_set_id,
        sex is null or (birth_ym is null and (calendar <> 'relative' or age_at_diagnosis is null)) as is_failed
    from patients
    union all
    select
        'DQ035' as check_id, 'death' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, date_lo is null as is_failed
    from deaths
    union all
    select
        'DQ061' as check_id, 'death' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, days_apart > {{ dq_limit('DQ061', 'death_sources', 'max') }} as is_failed
    from deaths
    union all
    select
        'DQ056' as check_id, conditions.table_name, conditions.centre_id, conditions.patient_key, conditions.row_key,
        conditions.source_file, conditions.source_row, null as param_set_id, patients.sex <> sites.sex as is_failed
    from conditions
    inner join patients on conditions.centre_id = patients.centre_id and conditions.patient_key = patients.patient_key
    inner join sites on conditions.code >= sites.code_from and conditions.code < sites.code_before
    union all
    select
        'DQ074' as check_id, 'contact' as table_name, contacts.centre_id, contacts.patient_key, contacts.row_key,
        contacts.source_file, contacts.source_row, null as param_set_id, seen_alive.patient_key is null as is_failed
    from contacts
    left join seen_alive on contacts.centre_id = seen_alive.centre_id and contacts.patient_key = seen_alive.patient_key
    where contacts.contact_no = 1
)

select * from looked_at where is_failed is not null
