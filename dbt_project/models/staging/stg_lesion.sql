-- One row per lesion x time point x reader.
-- R0.1, R0.3: lesion measurements as the centre last stated them.
with last_words as ({{ last_words_of_patients('lesion') }}),

dated as (
    select
        centre_id,
        patient_key,
        reader,
        lesion_id,
        organ,
        is_node,
        role,
        tp,
        {{ partial_date('scan_date', 'scan') }},
        status,
        mm,
        nt_status,
        certainty,
        irradiated,
        {{ provenance() }}
    from last_words
)

select * from dated
