-- One row per R2 parameter set, patient, oral drug, day and direction (taken home or brought back).
-- R2.2: a dispensing is worth units by units a day, a day of intake one on-day, an order its dates or one phase.
with drug_rows as (
    select *
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_oral = 'Y' and source_kind <> 'HISTORY'
),

schedules as (select * from {{ ref('int_oral_schedules') }}),

valued as (
    select
        drug_rows.param_set_id,
        drug_rows.centre_id,
        drug_rows.patient_key,
        drug_rows.drug_key,
        drug_rows.local_route,
        drug_rows.start_date as fill_date,
        drug_rows.source_kind in ('ADMIN', 'MAR') as is_intake,
        coalesce(drug_rows.strength_mg * coalesce(drug_rows.units_per_day, 1), drug_rows.dose_mg) as mg_per_on_day,
        floor(abs(drug_rows.qty) / coalesce(nullif(drug_rows.units_per_day, 0), 1)) as supplied_days,
        {{ on_days_within(
            days_between('drug_rows.start_date', 'drug_rows.end_date') ~ ' + 1',
            'schedules.on_days_per_cycle', 'schedules.cycle_days'
        ) }} as dated_days,
        case when drug_rows.source_kind = 'RETURN' or drug_rows.qty < 0 then -1 else 1 end as direction,
        schedules.on_days_per_cycle,
        schedules.cycle_days
    from drug_rows
    inner join schedules
        on drug_rows.param_set_id = schedules.param_set_id and drug_rows.drug_key = schedules.drug_key
),

counted as (
    select
        *,
        case
            when is_intake then coalesce(dated_days, 1)
            else coalesce(supplied_days, dated_days, on_days_per_cycle)
        end as on_days
    from valued
),

daily as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        local_route,
        fill_date,
        direction,
        on_days_per_cycle,
        cycle_days,
        cast(
            direction * coalesce(sum(on_days) filter (where not is_intake), 0)
            + coalesce(max(on_days) filter (where is_intake), 0) as integer
        ) as on_days,
        cast(direction * {{ complete_sum('on_days * mg_per_on_day') }} as decimal(18, 4)) as total_mg
    from counted
    group by
        param_set_id, centre_id, patient_key, drug_key, local_route, fill_date, direction, on_days_per_cycle, cycle_days
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, drug_key, local_route
            order by fill_date asc, direction desc
        ) as fill_no
    from daily
    where on_days <> 0
)

select * from ordered
