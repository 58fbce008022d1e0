-- One row per R8 parameter set, included patient and test measured at baseline.
-- R3.3: the latest day of the window up to the index date, flagged LATE from before the window; of one day the worst:
-- highest where the test is graded upward, lowest where downward, farthest outside its limits where both.
with upstream as (select * from {{ source('protocol', 'param_set_upstream') }} where upstream_family = 'R3'),

included as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_included_patients') }}
    where rule_family = 'R8'
),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

windows as (select param_set_id, bl_lab_before, bl_lab_late_before from {{ ref('int_parameters_r3') }}),

factors as (select test, unit, factor from {{ ref('lab_unit_factors') }}),

directions as (
    select test, case when min(direction) = max(direction) then min(direction) end as direction
    from {{ ref('int_ctcae_bounds') }}
    group by test
),

measured as (
    select
        measurements.*,
        measurements.value * coalesce(factors.factor, cast(1 as decimal(10, 4))) as comparable_value,
        greatest(measurements.value - measurements.uln, measurements.lln - measurements.value)
        * coalesce(factors.factor, cast(1 as decimal(10, 4))) as outside_limits
    from {{ ref('int_measurements') }} as measurements
    left join factors on measurements.test = factors.test and measurements.unit = factors.unit
    where measurements.value is not null and measurements.specimen_date is not null
),

in_window as (
    select
        included.param_set_id,
        measured.*,
        index_dates.index_date,
        {{ days_after('index_dates.index_date', '-windows.bl_lab_before') }} > measured.specimen_date as is_late,
        directions.direction
    from included
    inner join upstream on included.param_set_id = upstream.param_set_id
    inner join index_dates
        on
            upstream.upstream_param_set_id = index_dates.param_set_id
            and included.centre_id = index_dates.centre_id
            and included.patient_key = index_dates.patient_key
    inner join windows on upstream.upstream_param_set_id = windows.param_set_id
    inner join measured
        on
            included.centre_id = measured.centre_id
            and included.patient_key = measured.patient_key
            and index_dates.index_date >= measured.specimen_date
    left join directions on measured.test = directions.test
    where
        measured.specimen_date
        >= {{ days_after('index_dates.index_date', '-greatest(windows.bl_lab_before, windows.bl_lab_late_before)') }}
        and {{ by_cutoff('measured.specimen_date', 'index_dates.data_cutoff') }}
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, test
            order by
                specimen_date desc,
                case direction
                    when 'H' then comparable_value when 'L' then -comparable_value else outside_limits
                end desc nulls last,
                row_key asc
        ) as baseline_number
    from in_window
),

baselines as (
    select
        param_set_id,
        centre_id,
        patient_key,
        test,
        specimen_date as base_date,
        value as base,
        unit as base_unit,
        uln as base_uln,
        lln as base_lln,
        case when is_late then 'LATE' else '' end as base_flag,
        row_key as base_row_key
    from ordered
    where baseline_number = 1
)

select * from baselines
