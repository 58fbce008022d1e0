-- One row per R8 parameter set, included patient and laboratory result known at the cutoff.
-- R8.4: what a grade is judged by: the result with its own limits, and the baseline with the limits of its own visit.
with upstream as (select * from {{ source('protocol', 'param_set_upstream') }} where upstream_family = 'R3'),

included as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_included_patients') }}
    where rule_family = 'R8'
),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

measurements as (
    select measurements.*
    from {{ ref('int_measurements') }} as measurements
    inner join {{ ref('lab_parameters') }} as lab_parameters on measurements.test = lab_parameters.test
),

baselines as (select * from {{ ref('int_lab_baselines') }}),

cases as (
    select
        included.param_set_id,
        included.centre_id,
        included.patient_key,
        measurements.row_key,
        measurements.test,
        index_dates.index_date,
        measurements.specimen_date,
        measurements.value_text,
        measurements.value,
        measurements.value_flag,
        measurements.value_side,
        measurements.value_reason,
        measurements.unit,
        measurements.uln,
        measurements.lln,
        baselines.base_date,
        baselines.base,
        baselines.base_unit,
        baselines.base_uln,
        baselines.base_lln,
        baselines.base_flag,
        baselines.base_row_key,
        measurements.source_table,
        measurements.source_file,
        measurements.source_row
    from included
    inner join upstream on included.param_set_id = upstream.param_set_id
    inner join index_dates
        on
            upstream.upstream_param_set_id = index_dates.param_set_id
            and included.centre_id = index_dates.centre_id
            and included.patient_key = index_dates.patient_key
    inner join measurements
        on included.centre_id = measurements.centre_id and included.patient_key = measurements.patient_key
    left join baselines
        on
            included.param_set_id = baselines.param_set_id
            and included.centre_id = baselines.centre_id
            and included.patient_key = baselines.patient_key
            and measurements.test = baselines.test
    where {{ by_cutoff('measurements.specimen_lo', 'index_dates.data_cutoff') }}
)

select * from cases
