-- One row per check and laboratory result, vital sign, performance status or test of a centre that it looked at.
-- R10: units, scales and pressures that passed staging (DQ011, DQ013, DQ053), texts (DQ012), limits (DQ037), ranges
-- (DQ051), medians of a centre (DQ052), activity after death (DQ060).
{{ config(materialized='view') }}

with graded as (
    select
        case when bound_basis = 'DERIVED' then 'TSH' else test end as test,
        bool_or(bound_basis = 'ABS') as has_absolute_bounds,
        bool_or(bound_basis = 'xULN' or lower like '%ULN' or upper like '%ULN') as needs_uln,
        bool_or(lower like '%LLN' or upper like '%LLN') as needs_lln
    from {{ ref('ctcae_labs') }}
    group by case when bound_basis = 'DERIVED' then 'TSH' else test end
),

ranges as (
    select
        item as test,
        min(value) as lowest,
        max(value) as highest
    from {{ ref('dq_limits') }}
    where check_id = 'DQ051'
    group by item
),

factors as (select test, unit, factor from {{ ref('lab_unit_factors') }}),

deaths as (select centre_id, patient_key, date_hi from {{ ref('int_recorded_deaths') }}),

results as (
    select
        measurements.*,
        measurements.source_table as table_name,
        graded.has_absolute_bounds,
        graded.needs_uln,
        graded.needs_lln,
        ranges.lowest,
        ranges.highest,
        measurements.value * factors.factor as comparable_value,
        deaths.date_hi as death_hi
    from {{ ref('int_measurements') }} as measurements
    left join graded on measurements.test = graded.test
    left join ranges on measurements.test = ranges.test
    left join factors on measurements.test = factors.test and measurements.unit = factors.unit
    left join deaths
        on measurements.centre_id = deaths.centre_id and measurements.patient_key = deaths.patient_key
),

flags as (
    select
        *,
        cast(null as varchar) as param_set_id,
        case when table_name = 'lab' and has_absolute_bounds and coalesce(trim(unit_text), '') <> '' then false end
            as dq011,
        case when table_name = 'lab' and coalesce(value_reason, '') <> 'VALUE_MISSING' then value_reason is not null end
            as dq012,
        case
            when table_name = 'lab' and (needs_uln or needs_lln)
                then (needs_uln and uln is null) or (needs_lln and lln is null)
        end as dq037,
        case when table_name = 'lab' then comparable_value < lowest or comparable_value > highest end as dq051,
        case when table_name = 'vital' and test in ('SBP', 'DBP') and value is not null then false end as dq053,
        {{ days_after('death_hi', dq_limit('DQ060', 'activity_after_death', 'max')) }} < specimen_lo as dq060
    from results
),

centre_medians as (
    select
        centre_id,
        test,
        median(cast(comparable_value as double)) as centre_median
    from results
    where table_name = 'lab' and comparable_value is not null
    group by centre_id, test
),

pool_medians as (
    select
        test,
        median(cast(comparable_value as double)) as pool_median,
        count(distinct centre_id) as n_centres
    from results
    where table_name = 'lab' and comparable_value is not null
    group by test
),

looked_at as (
    {{ by_check('flags', ['DQ011', 'DQ012', 'DQ037', 'DQ051', 'DQ053', 'DQ060']) }}
    union all
    select
        'DQ013' as check_id, 'ecog' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        null as param_set_id, false as is_failed
    from {{ ref('stg_ecog') }}
    where test = 'ECOG'
    union all
    select
        'DQ052' as check_id, 'lab' as table_name, centre_medians.centre_id, null as patient_key,
        centre_medians.test as row_key, null as source_file, null as source_row, null as param_set_id,
        greatest(centre_medians.centre_median, pool_medians.pool_median)
        > least(centre_medians.centre_median, pool_medians.pool_median)
        * {{ dq_limit('DQ052', 'centre_median', 'max') }} as is_failed
    from centre_medians
    inner join pool_medians on centre_medians.test = pool_medians.test
    where pool_medians.n_centres > 1
)

select * from looked_at where is_failed is not null
