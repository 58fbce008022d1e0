-- One row per R2 parameter set, patient, oral drug and span of intake, histories included.
-- R2.2: a history covers its dates, or one cycle when its end is not told; spans within the grace are one.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route' %}
with parameters as (select param_set_id, oral_grace_days from {{ ref('int_parameters_r2') }}),

counted as (select * from {{ ref('int_oral_episodes') }}),

schedules as (select * from {{ ref('int_oral_schedules') }}),

told as (
    select drug_rows.*, schedules.cycle_days as schedule_days
    from {{ ref('int_drug_rows_selected') }} as drug_rows
    inner join schedules
        on drug_rows.param_set_id = schedules.param_set_id and drug_rows.drug_key = schedules.drug_key
    where drug_rows.is_kept and drug_rows.is_oral = 'Y' and drug_rows.source_kind = 'HISTORY'
),

spans as (
    select
        {{ keys }}, start_date, last_start_date, last_dose_date, covered_through_date, cycle_days,
        on_days, total_mg, n_delays, delay_days
    from counted
    union all
    select
        {{ keys }},
        start_date,
        start_date as last_start_date,
        coalesce(end_date, start_date) as last_dose_date,
        coalesce(end_date, {{ days_after('start_date', 'schedule_days - 1') }}) as covered_through_date,
        schedule_days as cycle_days,
        cast(null as integer) as on_days,
        cast(null as decimal(18, 4)) as total_mg,
        cast(null as integer) as n_delays,
        cast(null as integer) as delay_days
    from told
),

followed as (
    select
        *,
        max(covered_through_date) over (
            partition by {{ keys }}
            order by start_date, covered_through_date, last_dose_date
            rows between unbounded preceding and 1 preceding
        ) as previous_covered_date
    from spans
),

numbered as (
    select
        followed.*,
        sum(
            case
                when
                    {{ days_between('followed.previous_covered_date', 'followed.start_date') }} - 1
                    <= parameters.oral_grace_days
                    then 0
                else 1
            end
        ) over (
            partition by {{ keys.replace('param_set_id', 'followed.param_set_id') }}
            order by followed.start_date, followed.covered_through_date, followed.last_dose_date
            rows between unbounded preceding and current row
        ) as course_no
    from followed
    inner join parameters on followed.param_set_id = parameters.param_set_id
),

courses as (
    select
        {{ keys }},
        min(start_date) as start_date,
        max(last_start_date) as last_start_date,
        max(last_dose_date) as last_dose_date,
        max(covered_through_date) as covered_through_date,
        max(cycle_days) as cycle_days,
        cast({{ complete_sum('on_days') }} as integer) as on_days,
        {{ complete_sum('total_mg') }} as total_mg,
        cast({{ complete_sum('n_delays') }} as integer) as n_delays,
        cast({{ complete_sum('delay_days') }} as integer) as delay_days
    from numbered
    group by {{ keys }}, course_no
)

select * from courses
