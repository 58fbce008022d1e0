-- One row per reviewed statement.
-- R0.1, R0.3: reviewed statements from notes as the centre last stated them.
with last_words as ({{ last_words_of_patients('clinical_note_flag') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('date_text', 'date') }},
        flag,
        decided_by,
        {{ provenance() }}
    from last_words
)

select * from dated
