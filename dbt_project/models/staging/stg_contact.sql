-- One row per proof of life.
-- R0.1, R0.3: proofs of life as the centre last stated them.
with last_words as ({{ last_words_of_patients('contact') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('date_text', 'date') }},
        kind,
        {{ provenance() }}
    from last_words
)

select * from dated
