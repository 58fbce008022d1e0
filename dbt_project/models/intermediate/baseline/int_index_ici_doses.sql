-- One row per R3 parameter set, patient and day from the index date on with a checkpoint-inhibitor dose.
-- R3.3: the second of these days closes the time in which a late performance status may still count as baseline.
{{ config(materialized='view') }}

with index_dates as (
    select param_set_id, centre_id, patient_key, index_date
    from {{ ref('int_index') }}
    where index_date is not null
),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

doses as (
    select param_set_id, centre_id, patient_key, start_date as dose_date
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_ici = 'Y' and start_flag = ''
),

numbered as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        doses.dose_date,
        dense_rank() over (
            partition by index_dates.param_set_id, index_dates.centre_id, index_dates.patient_key
            order by doses.dose_date
        ) as dose_number
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join doses
        on
            upstream.upstream_param_set_id = doses.param_set_id
            and index_dates.centre_id = doses.centre_id
            and index_dates.patient_key = doses.patient_key
    where doses.dose_date >= index_dates.index_date
),

days as (
    select
        param_set_id,
        centre_id,
        patient_key,
        dose_number,
        min(dose_date) as dose_date
    from numbered
    group by param_set_id, centre_id, patient_key, dose_number
)

select * from days
