-- One row per imaging study.
-- R0.1, R0.3: imaging studies as the centre last stated them.
with last_words as ({{ last_words_of_patients('scan') }}),

dated as (
    select
        centre_id,
        patient_key,
        scan_id,
        {{ partial_date('scan_date', 'scan') }},
        modality,
        region,
        {{ partial_date('report_date', 'report') }},
        slice_mm,
        {{ provenance() }}
    from last_words
)

select * from dated
