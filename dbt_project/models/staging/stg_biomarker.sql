-- One row per result.
-- R0.1, R0.3: biomarker results as the centre last stated them.
with last_words as ({{ last_words_of_patients('biomarker') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('date_text', 'date') }},
        name,
        value_text,
        {{ provenance() }}
    from last_words
)

select * from dated
