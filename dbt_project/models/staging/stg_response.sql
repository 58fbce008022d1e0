-- One row per assessment x reader.
-- R0.1, R0.3: recorded responses as the centre last stated them.
with last_words as ({{ last_words_of_patients('response') }}),

dated as (
    select
        centre_id,
        patient_key,
        reader,
        tp,
        {{ partial_date('response_date', 'response') }},
        response,
        target_sum_mm,
        {{ provenance() }}
    from last_words
)

select * from dated
