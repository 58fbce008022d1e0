-- One row per study, variant, included patient, event and index component (ALL where it concerns the whole patient).
-- R6.2: the dates from which the endpoints are made, each with its reason and the row that it came from.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R6'),

derived as (select * from {{ ref('int_event_dates') }} where at_risk_from = 'INDEX'),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.event,
        derived.component,
        derived.event_date,
        derived.event_date_flag,
        derived.reason,
        derived.source_table,
        derived.source_file,
        derived.source_row
    from included
    inner join derived
        on
            included.param_set_id = derived.param_set_id
            and included.centre_id = derived.centre_id
            and included.patient_key = derived.patient_key
)

select * from published
