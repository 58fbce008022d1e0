-- One row per procedure.
-- R0.1, R0.3: surgery, radiotherapy and local treatments as the centre last stated them.
with last_words as ({{ last_words_of_patients('procedure') }}),

dated as (
    select
        centre_id,
        patient_key,
        procedure_id,
        kind,
        {{ partial_date('start_text', 'start') }},
        {{ partial_date('end_text', 'end') }},
        dose_gy,
        intent,
        target_site,
        {{ provenance() }}
    from last_words
)

select * from dated
