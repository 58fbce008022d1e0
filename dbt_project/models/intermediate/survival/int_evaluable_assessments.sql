-- One row per R6 parameter set, start of the time at risk, patient and evaluable assessment in it.
-- R6.2: CR, PR, SD and NON-CR/NON-PD say that there was no progression on that day; NE says nothing.
{{ config(materialized='view') }}

with observed as (select * from {{ ref('int_observation_ends') }}),

assessments as (select * from {{ ref('int_assessments_after_index') }} where is_evaluable),

evaluable as (
    select
        observed.param_set_id,
        observed.at_risk_from,
        observed.centre_id,
        observed.patient_key,
        assessments.response_date,
        assessments.response,
        case when assessments.is_adjudicated then 'ADJUDICATED' else assessments.response end as reason,
        assessments.source_table,
        assessments.source_file,
        assessments.source_row
    from observed
    inner join assessments
        on
            observed.cohort_param_set_id = assessments.param_set_id
            and observed.centre_id = assessments.centre_id
            and observed.patient_key = assessments.patient_key
            and observed.at_risk_date < assessments.response_date
    where observed.is_open_ended or assessments.response_date <= observed.last_counted_date
)

select * from evaluable
