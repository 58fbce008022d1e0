-- One row per R2 parameter set and drug taken by mouth.
-- R2.2: days of intake and of a cycle: parameters where the study sets them, else the drug's own, else continuous.
with parameters as (select param_set_id, oral_on_days, oral_cycle_days from {{ ref('int_parameters_r2') }}),

set_by_study as (select drug_key from {{ ref('drug_schedule_parameters') }}),

taken as (
    select distinct param_set_id, drug_key, listed_on_days, listed_off_days
    from {{ ref('int_drug_rows_selected') }}
    where is_oral = 'Y'
),

schedules as (
    select
        taken.param_set_id,
        taken.drug_key,
        case
            when set_by_study.drug_key is not null then parameters.oral_on_days
            else coalesce(taken.listed_on_days, 1)
        end as on_days_per_cycle,
        case
            when set_by_study.drug_key is not null then parameters.oral_cycle_days
            else coalesce(taken.listed_on_days + taken.listed_off_days, taken.listed_on_days, 1)
        end as cycle_days
    from taken
    inner join parameters on taken.param_set_id = parameters.param_set_id
    left join set_by_study on taken.drug_key = set_by_study.drug_key
)

select * from schedules
