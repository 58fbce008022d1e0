-- One row per R3 parameter set and patient screened.
-- R3.2: a patient leaves at the first criterion that fails, in the protocol's order; who passes them all is included.
with patients as (select param_set_id, centre_id, patient_key from {{ ref('int_index') }}),

criteria as (select * from {{ ref('int_eligibility') }} where not passes),

failures as (
    select
        *,
        row_number() over (partition by param_set_id, centre_id, patient_key order by criterion_seq) as failure_number
    from criteria
),

decided as (
    select
        patients.param_set_id,
        patients.centre_id,
        patients.patient_key,
        failures.criterion_id is null as is_included,
        failures.criterion_id as first_failed_criterion,
        failures.criterion_seq as first_failed_seq,
        failures.status as first_failed_status,
        failures.reason as first_failed_reason
    from patients
    left join failures
        on
            patients.param_set_id = failures.param_set_id
            and patients.centre_id = failures.centre_id
            and patients.patient_key = failures.patient_key
            and failures.failure_number = 1
)

select * from decided
