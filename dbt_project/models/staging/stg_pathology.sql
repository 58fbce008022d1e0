-- One row per report.
-- R0.1, R0.3: pathology reports as the centre last stated them.
with last_words as ({{ last_words_of_patients('pathology') }}),

dated as (
    select
        centre_id,
        patient_key,
        report_id,
        {{ partial_date('path_date', 'path') }},
        site_icdo,
        icdo_morphology,
        behaviour,
        text_flag_mixed,
        {{ provenance() }}
    from last_words
)

select * from dated
