-- One row per decision.
-- R0.1, R0.3: decisions of reviewers as the centre last stated them.
with last_words as ({{ last_words_of_patients('adjudication') }}),

dated as (
    select
        centre_id,
        patient_key,
        rule,
        item,
        value,
        reason,
        decided_by,
        evidence,
        {{ partial_date('decided_date', 'decided') }},
        {{ provenance() }}
    from last_words
)

select * from dated
