-- One row per R8 parameter set, included patient and day with a blood pressure in mmHg.
-- R8.5, R3.3: the median of the day's readings, graded by the worse of systolic and diastolic; the baseline is the
-- latest day of the window up to the index date, flagged LATE from before the window.
with upstream as (select * from {{ source('protocol', 'param_set_upstream') }} where upstream_family = 'R3'),

included as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_included_patients') }}
    where rule_family = 'R8'
),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

windows as (select param_set_id, bl_bp_before, bl_bp_late_before from {{ ref('int_parameters_r3') }}),

factors as (select test, unit, canonical_unit from {{ ref('lab_unit_factors') }} where test in ('SBP', 'DBP')),

bounds as (select * from {{ ref('int_ctcae_bounds') }}),

medians as (
    select
        readings.centre_id,
        readings.patient_key,
        readings.specimen_date,
        readings.test,
        factors.canonical_unit,
        median(readings.value) as value,
        0 as value_side,
        cast(null as decimal(18, 4)) as uln,
        cast(null as decimal(18, 4)) as lln,
        cast(null as decimal(18, 4)) as base,
        true as is_base_missing,
        count(*) as n_readings,
        {{ value_of_first('readings.source_table', 'readings.row_key') }} as source_table,
        {{ value_of_first('readings.source_file', 'readings.row_key') }} as source_file,
        {{ value_of_first('readings.source_row', 'readings.row_key') }} as source_row
    from {{ ref('int_measurements') }} as readings
    inner join factors on readings.test = factors.test and readings.unit = factors.unit
    where readings.value is not null and readings.specimen_date is not null
    group by readings.centre_id, readings.patient_key, readings.specimen_date, readings.test, factors.canonical_unit
),

reached as (
    select
        medians.*,
        {{ grades_reached('bounds.bounds', "'NORMAL_OR_LOW'") }} as grades
    from medians
    inner join bounds on medians.test = bounds.test and medians.canonical_unit = bounds.bounds_unit
),

days as (
    select
        centre_id,
        patient_key,
        specimen_date,
        max(value) filter (where test = 'SBP') as sbp,
        max(value) filter (where test = 'DBP') as dbp,
        cast(max(n_readings) as integer) as n_readings,
        max({{ worst_reached('grades') }}) as known_grade,
        count(distinct test) as n_tests,
        {{ value_of_first('source_table', 'test') }} as source_table,
        {{ value_of_first('source_file', 'test') }} as source_file,
        {{ value_of_first('source_row', 'test') }} as source_row
    from reached
    group by centre_id, patient_key, specimen_date
),

in_study as (
    select
        included.param_set_id,
        days.centre_id,
        days.patient_key,
        days.specimen_date,
        days.sbp,
        days.dbp,
        days.n_readings,
        case when days.known_grade > 0 or days.n_tests > 1 then days.known_grade end as grade,
        days.specimen_date > index_dates.index_date as is_post_baseline,
        case
            when days.specimen_date > index_dates.index_date then null
            when days.specimen_date >= {{ days_after('index_dates.index_date', '-windows.bl_bp_before') }} then ''
            when days.specimen_date >= {{ days_after('index_dates.index_date', '-windows.bl_bp_late_before') }}
                then 'LATE'
        end as window_flag,
        days.source_table,
        days.source_file,
        days.source_row
    from included
    inner join upstream on included.param_set_id = upstream.param_set_id
    inner join windows on upstream.upstream_param_set_id = windows.param_set_id
    inner join index_dates
        on
            upstream.upstream_param_set_id = index_dates.param_set_id
            and included.centre_id = index_dates.centre_id
            and included.patient_key = index_dates.patient_key
    inner join days on included.centre_id = days.centre_id and included.patient_key = days.patient_key
    where {{ by_cutoff('days.specimen_date', 'index_dates.data_cutoff') }}
),

flagged as (
    select
        *,
        case
            when window_flag is null then 'N'
            when
                specimen_date = max(case when window_flag is not null then specimen_date end) over (
                    partition by param_set_id, centre_id, patient_key
                )
                then 'Y'
            else 'N'
        end as baseline_flag
    from in_study
)

select * from flagged
