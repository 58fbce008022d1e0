-- One row per result.
-- R0.1, R0.3: performance status as the centre last stated it; an ECOG above its scale is left out (DQ013).
with last_words as ({{ last_words_of_patients('ecog') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('specimen_date', 'specimen') }},
        test,
        value,
        {{ provenance() }}
    from last_words
)

select * from dated
