-- One row per R6 parameter set, endpoint and patient whose time it counts.
-- R0.5, R6.1: days from start to end with the study's added day, months by its length of a month; CNSR 0 is an event.
-- An end of which the study says that it leaves the time unknown has no row.
with parameters as (select param_set_id, tte_add_one, days_per_month from {{ ref('int_parameters_r6') }}),

times as (select * from {{ ref('int_time_to_event') }}),

censored as (select * from {{ ref('int_censoring_rules') }}),

ended as (
    select
        times.param_set_id, times.paramcd, times.centre_id, times.patient_key, times.start_date, times.end_date,
        times.end_date_flag, times.cnsr, times.evntdesc, times.cnsdtdsc, times.source_table, times.source_file,
        times.source_row
    from times
    left join censored using (param_set_id, paramcd, centre_id, patient_key)
    where censored.cnsr is null and times.cnsr is not null
    union all
    select
        param_set_id, paramcd, centre_id, patient_key, start_date, end_date, '' as end_date_flag, cnsr, evntdesc,
        cnsdtdsc, source_table, source_file, source_row
    from censored
),

date_columns as (select source_table, date_column from {{ ref('source_date_columns') }}),

counted as (
    select
        ended.*,
        {{ days_between('ended.start_date', 'ended.end_date') }} + parameters.tte_add_one as aval_days,
        parameters.days_per_month
    from ended
    inner join parameters on ended.param_set_id = parameters.param_set_id
),

measured as (
    select
        counted.param_set_id,
        counted.paramcd,
        counted.centre_id,
        counted.patient_key,
        counted.start_date,
        counted.end_date,
        counted.end_date_flag,
        cast(counted.aval_days as integer) as aval_days,
        counted.aval_days / counted.days_per_month as aval_months,
        counted.cnsr,
        counted.evntdesc,
        counted.cnsdtdsc,
        counted.source_table as srcdom,
        date_columns.date_column as srcvar,
        counted.source_file,
        counted.source_row
    from counted
    left join date_columns on counted.source_table = date_columns.source_table
)

select * from measured
