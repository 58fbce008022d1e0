-- One row per R6 parameter set, endpoint and patient whose time it counts.
-- R0.5, R6.1: days from start to end with the study's added day, months by its length of a month; CNSR 0 is an event.
with parameters as (select param_set_id, tte_add_one, days_per_month from {{ ref('int_parameters_r6') }}),

ended as (
    select
        param_set_id, paramcd, centre_id, patient_key, start_date, end_date, end_date_flag, cnsr, evntdesc, cnsdtdsc,
        source_table, source_file, source_row
    from {{ ref('int_time_to_event') }}
    union all
    select
        param_set_id, paramcd, centre_id, patient_key, start_date, end_date, end_date_flag, cnsr, evntdesc, cnsdtdsc,
        source_table, source_file, source_row
    from {{ ref('int_regulatory_pfs') }}
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
