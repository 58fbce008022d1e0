-- One row per derived row that breaks a check which stops the build.
-- R10: line numbers (DQ020), durations (DQ021), censoring codes and doubles (DQ022), PFS against OS (DQ023), duration
-- of response (DQ024), doses leaked across the index date (DQ073).
with lines as (select * from {{ ref('int_lines_of_therapy') }}),

times as (select * from {{ ref('int_survival_times') }}),

parameters as (select param_set_id, tte_add_one from {{ ref('int_parameters_r6') }}),

intervals as (select * from {{ ref('int_treatment_free_intervals') }}),

responses as (
    select * from {{ ref('int_event_dates') }} where event = 'FIRST_RESPONSE' and at_risk_from = 'INDEX'
),

numbered_lines as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, is_counted order by line_seq
        ) as expected_no,
        lag(start_date) over (partition by param_set_id, centre_id, patient_key order by line_seq) as previous_start
    from lines
),

counted_times as (
    select
        times.*,
        parameters.tte_add_one,
        count(*) over (
            partition by times.param_set_id, times.paramcd, times.centre_id, times.patient_key
        ) as n_rows
    from times
    inner join parameters on times.param_set_id = parameters.param_set_id
),

overall as (select * from times where paramcd = 'OS'),

failures as (
    select
        'DQ020' as check_id, 'line' as table_name, param_set_id, centre_id, patient_key,
        cast(line_seq as varchar) as item
    from numbered_lines
    where
        (is_counted and line_no is distinct from expected_no)
        or (not is_counted and line_no is not null)
        or start_date <= previous_start
    union all
    select 'DQ021' as check_id, 'adtte' as table_name, param_set_id, centre_id, patient_key, paramcd as item
    from counted_times
    where
        aval_days is distinct from {{ days_between('start_date', 'end_date') }} + tte_add_one
        or aval_days < tte_add_one
    union all
    select 'DQ022' as check_id, 'adtte' as table_name, param_set_id, centre_id, patient_key, paramcd as item
    from counted_times
    where coalesce(cnsr < 0, true) or n_rows > 1
    union all
    select
        'DQ023' as check_id, 'adtte' as table_name, times.param_set_id, times.centre_id, times.patient_key,
        times.paramcd as item
    from times
    inner join overall
        on
            times.param_set_id = overall.param_set_id
            and times.centre_id = overall.centre_id
            and times.patient_key = overall.patient_key
    where
        times.paramcd = 'PFS'
        and (
            (times.end_date > overall.end_date and times.evntdesc <> 'NEW ANTICANCER THERAPY')
            or (
                overall.cnsr = 0
                and times.evntdesc in (
                    'LAST KNOWN ALIVE', 'LAST EVALUABLE ASSESSMENT', 'NO POST-BASELINE ASSESSMENT'
                )
            )
        )
    union all
    select
        'DQ024' as check_id, 'adtte' as table_name, times.param_set_id, times.centre_id, times.patient_key,
        times.paramcd as item
    from times
    left join responses
        on
            times.param_set_id = responses.param_set_id
            and times.centre_id = responses.centre_id
            and times.patient_key = responses.patient_key
    where times.paramcd = 'DOR' and times.start_date is distinct from responses.event_date
    union all
    select 'DQ073' as check_id, 'ici' as table_name, param_set_id, centre_id, patient_key, last_prior_agent as item
    from intervals
    where ici_class <> 'ADD_ON' and last_prior_ici_hi >= index_date
)

select * from failures
