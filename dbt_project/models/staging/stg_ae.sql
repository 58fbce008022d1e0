-- One row per event.
-- R0.1, R0.3: adverse events as the centre last stated them.
with last_words as ({{ last_words_of_patients('ae') }}),

dated as (
    select
        centre_id,
        patient_key,
        raw_term,
        term,
        ctcae_grade,
        ctcae_version,
        causality_text,
        {{ partial_date('start_text', 'start') }},
        {{ partial_date('end_text', 'end') }},
        outcome,
        {{ partial_date('grade_at', 'grade_at') }},
        endocrine_on_replacement,
        {{ provenance() }}
    from last_words
)

select * from dated
