-- One row per row that fails a check; under a check that depends on a study's parameters, per study and variant.
-- R10: where a data engineer finds the row; never what it says.
with failures as (select * from {{ ref('int_check_failures') }}),

severities as (select check_id, severity from {{ ref('dq_checks') }}),

sets as (select study_id, variant, param_set_id from {{ source('protocol', 'study_param_sets') }}),

published as (
    select
        failures.check_id,
        severities.severity,
        failures.table_name,
        failures.centre_id,
        sets.study_id,
        sets.variant,
        failures.patient_key,
        failures.row_key,
        failures.source_file,
        failures.source_row
    from failures
    inner join severities on failures.check_id = severities.check_id
    left join sets on failures.param_set_id = sets.param_set_id
)

select * from published
