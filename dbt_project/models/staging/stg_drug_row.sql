-- One row per order, dispensing or administration.
-- R0.1, R0.3: orders, dispensings, administrations and histories as the centre last stated them.
with last_words as ({{ last_words_of_patients('drug_row') }}),

dated as (
    select
        centre_id,
        patient_key,
        row_id,
        source_kind,
        raw_name,
        raw_spec,
        dose,
        dose_unit,
        qty,
        units_per_day,
        route,
        dispense_setting,
        {{ partial_date('start_text', 'start') }},
        {{ partial_date('end_text', 'end') }},
        status,
        reason_stop,
        trial_id,
        cycle_days,
        intent,
        planned_maintenance,
        {{ provenance() }}
    from last_words
)

select * from dated
