-- One row per coded condition.
-- R0.1, R0.3: coded conditions as the centre last stated them.
with last_words as ({{ last_words_of_patients('diagnosis') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('date_text', 'date') }},
        code,
        system,
        kind,
        {{ provenance() }}
    from last_words
)

select * from dated
