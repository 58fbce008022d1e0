-- One row per result.
-- R0.1, R0.3: vital signs as the centre last stated them.
with last_words as ({{ last_words_of_patients('vital') }}),

dated as (
    select
        centre_id,
        patient_key,
        result_id,
        {{ partial_date('specimen_date', 'specimen') }},
        test,
        value_text,
        unit,
        lln,
        uln,
        {{ provenance() }}
    from last_words
)

select * from dated
