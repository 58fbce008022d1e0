-- One row per R7 parameter set, patient, index component, oral drug and stretch of on-days from one fill in one cycle.
-- R2.2: intake lies in the first days of each cycle; on-days outside the index line, or after death or cutoff, do not
-- count (R0.4).
with supplies as (select * from {{ ref('int_oral_supplies') }}),

cycles as (
    select
        *,
        {{ rows_of_numbers(
            '(first_on_day - 1) // on_days_per_cycle', '(last_on_day - 1) // on_days_per_cycle'
        ) }} as cycle_no
    from supplies
),

stretches as (
    select
        *,
        greatest(first_on_day - 1, cycle_no * on_days_per_cycle) as days_before,
        least(last_on_day, (cycle_no + 1) * on_days_per_cycle) as days_through
    from cycles
),

dated as (
    select
        *,
        {{ days_after('segment_start_date', calendar_days('days_before', 'on_days_per_cycle', 'cycle_days')) }}
            as full_start_date,
        {{ days_after('segment_start_date', calendar_days('days_through - 1', 'on_days_per_cycle', 'cycle_days')) }}
            as full_end_date
    from stretches
),

counted as (
    select
        *,
        greatest(full_start_date, first_date) as start_date,
        least(full_end_date, last_date) as end_date
    from dated
),

intakes as (
    select
        param_set_id,
        centre_id,
        patient_key,
        component,
        drug_key,
        start_date,
        end_date,
        {{ days_between('start_date', 'end_date') }} + 1 as on_days,
        mg_per_on_day,
        on_days_per_cycle,
        cycle_days,
        case
            when days_through = (cycle_no + 1) * on_days_per_cycle then cycle_days - on_days_per_cycle else 0
        end as planned_rest_days,
        fill_no,
        fill_date,
        case when days_before = 0 and start_date = full_start_date then delay_days else 0 end as delay_days,
        reason_stop,
        source_file,
        source_row
    from counted
    where start_date <= end_date
)

select * from intakes
