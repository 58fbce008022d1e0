-- One row per source record.
-- R0.1, R0.3: deaths as each source last reported them.
with last_words as ({{ last_words_of_patients('death') }}),

dated as (
    select
        centre_id,
        patient_key,
        source,
        {{ partial_date('date_text', 'date') }},
        cause,
        {{ provenance() }}
    from last_words
)

select * from dated
