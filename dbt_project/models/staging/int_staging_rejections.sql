-- One row per centre, table and check that left rows out of staging.
-- R10 (DQ001, DQ002, DQ003, DQ013): landed rows that no derivation reads, counted by the reason.
{{ config(materialized='table', schema='intermediate') }}
{%- set tables = [
    'pathology', 'disease_event', 'drug_row', 'procedure', 'scan', 'lesion', 'response', 'lab', 'vital', 'ecog', 'ae',
    'death', 'stage', 'diagnosis', 'biomarker', 'clinical_note_flag', 'adjudication', 'contact'
] %}
with patients as ({{ last_words('patient') }}),

performance_status as ({{ last_words_of_patients('ecog') }}),

repeated_patients as (
    select centre_id, 'patient' as table_name, 'DQ002' as check_id, count(*) - count(distinct patient_id) as n_rows
    from patients
    group by centre_id
),

impossible_performance_status as (
    select centre_id, 'ecog' as table_name, 'DQ013' as check_id, count(*) as n_rows
    from performance_status
    where test = 'ECOG' and value > 5
    group by centre_id
),

counted as (
    select * from repeated_patients
    union all
    select * from impossible_performance_status
    {%- for table in tables %}
    union all
    {{ rejections(table) }}
    {%- endfor %}
),

found as (select centre_id, table_name, check_id, cast(n_rows as bigint) as n_rows from counted where n_rows > 0)

select * from found
