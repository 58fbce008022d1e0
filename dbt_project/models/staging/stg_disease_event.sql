-- One row per event.
-- R0.1, R0.3: diagnosis, metastasis, relapse and clinical progression as the centre last stated them.
with last_words as ({{ last_words_of_patients('disease_event') }}),

dated as (
    select
        centre_id,
        patient_key,
        event,
        {{ partial_date('event_date_text', 'event') }},
        organ,
        station,
        is_distant,
        source,
        {{ provenance() }}
    from last_words
)

select * from dated
