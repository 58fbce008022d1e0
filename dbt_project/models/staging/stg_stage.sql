-- One row per staging.
-- R0.1, R0.3: stagings as the centre last stated them.
with last_words as ({{ last_words_of_patients('stage') }}),

dated as (
    select
        centre_id,
        patient_key,
        {{ partial_date('stage_date', 'stage') }},
        system,
        t,
        n,
        m,
        stage_group,
        {{ provenance() }}
    from last_words
)

select * from dated
