-- One row per condition of a criterion and patient screened.
-- R3.2: every condition is asked of every patient, up to the index date or, without one, the data cutoff.
{{ config(materialized='view') }}

with conditions as (select * from {{ source('protocol', 'conditions') }}),

patients as (select * from {{ ref('int_index') }}),

asked as (
    select
        conditions.param_set_id,
        conditions.criterion_id,
        conditions.condition_no,
        conditions.condition_type,
        conditions.item,
        conditions.number_min,
        conditions.number_max,
        conditions.years,
        conditions.includes_mixed,
        patients.centre_id,
        patients.patient_key,
        patients.index_date,
        patients.index_status,
        patients.index_line_seq,
        patients.index_line_no,
        patients.lines_param_set_id,
        patients.data_cutoff,
        patients.reference_date,
        {{ days_after('patients.reference_date', 'coalesce(conditions.days_after_index, 0)') }} as limit_date
    from conditions
    inner join patients on conditions.param_set_id = patients.param_set_id
)

select * from asked
