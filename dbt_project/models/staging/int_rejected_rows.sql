-- One row per landed row that a check in SQL keeps out of staging.
-- R10: rows of nobody, doubles and impossible rows, each under the first check that rejects it; no derivation reads
-- them.
{{ config(materialized='table', schema='intermediate') }}
{%- set tables = [
    'pathology', 'disease_event', 'drug_row', 'procedure', 'scan', 'lesion', 'response', 'lab', 'vital', 'ecog', 'ae',
    'death', 'stage', 'diagnosis', 'biomarker', 'clinical_note_flag', 'adjudication', 'contact'
] %}
with patients as ({{ last_words('patient') }}),

registrations as (
    select
        *,
        row_number() over (
            partition by centre_id, patient_id order by extract_date desc, delivery_seq desc, row_hash asc
        ) as registration_no
    from patients
),

rejected as (
    select
        'DQ002' as check_id, 'patient' as table_name, centre_id,
        {{ patient_key('centre_id', 'patient_id') }} as patient_key, row_key, delivery_id, source_file, source_row
    from registrations
    where registration_no > 1
    {%- for table in tables %}
        union all
        select
            rejected_by as check_id, '{{ table }}' as table_name, centre_id,
            patient_key, row_key, delivery_id, source_file, source_row
        from ({{ judged_words(table) }}) as judged
        where rejected_by is not null
        union all
        select
            'DQ003' as check_id, '{{ table }}' as table_name, centre_id,
            cast(null as varchar) as patient_key, row_key, delivery_id, source_file, source_row
        from ({{ repeated_rows(table) }}) as repeated
    {%- endfor %}
)

select * from rejected
