-- One row per R7 parameter set, patient, index component, oral drug and unbroken run of on-days.
-- R7.1, R7.3: a run opens an on-phase after a full one, or when a long enough phase was followed by enough days off;
-- else it goes on with the phase, and days missed in between, planned rest left out, interrupt it.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'component', 'drug_key'] %}
with recursive parameters as (
    select param_set_id, on_phase_min_on_days, on_phase_min_off_days, interruption_on_days
    from {{ ref('int_parameters_r7') }}
),

intakes as (
    select
        *,
        lag(end_date) over by_day as previous_date,
        lag(planned_rest_days) over by_day as rest_days_before
    from {{ ref('int_oral_intakes') }}
    window by_day as (partition by {{ keys | join(', ') }} order by start_date)
),

numbered as (
    select
        *,
        sum(case when {{ days_between('previous_date', 'start_date') }} = 1 then 0 else 1 end) over (
            partition by {{ keys | join(', ') }} order by start_date rows between unbounded preceding and current row
        ) as run_no
    from intakes
),

runs as (
    select
        {{ keys | join(', ') }},
        cast(run_no as bigint) as run_no,
        on_days_per_cycle,
        min(start_date) as start_date,
        max(end_date) as end_date,
        cast(sum(on_days) as bigint) as on_days,
        {{ value_of_first('delay_days', 'start_date') }} as delay_days,
        {{ days_between('min(previous_date)', 'min(start_date)') }} - 1 as off_days,
        {{ value_of_first('rest_days_before', 'start_date') }} as rest_days_before
    from numbered
    group by {{ keys | join(', ') }}, run_no, on_days_per_cycle
),

rows_to_fold as (
    select runs.*, parameters.on_phase_min_on_days, parameters.on_phase_min_off_days
    from runs
    inner join parameters on runs.param_set_id = parameters.param_set_id
),

folded as (
    {{ fold_in_order(
        name='folded',
        rows='rows_to_fold',
        keys=keys,
        position='run_no',
        facts={
            'opens_phase': 'so_far.phase_days >= item.on_days_per_cycle or '
                ~ '(so_far.phase_days >= item.on_phase_min_on_days and item.off_days >= item.on_phase_min_off_days)',
            'days_before': 'case when opens_phase then 0 else so_far.phase_days end',
        },
        states={
            'goes_on': ['false', 'not opens_phase'],
            'n_phases_completed': [
                'item.on_days // item.on_days_per_cycle', '(days_before + item.on_days) // item.on_days_per_cycle'
            ],
            'n_phases_started': [
                '(item.on_days - 1) // item.on_days_per_cycle + 1',
                '(days_before + item.on_days - 1) // item.on_days_per_cycle + case when opens_phase then 1 else 0 end',
            ],
            'phase_days': [
                '(item.on_days - 1) % item.on_days_per_cycle + 1',
                '(days_before + item.on_days - 1) % item.on_days_per_cycle + 1',
            ],
        },
    ) }}
),

phases as (
    select
        runs.*,
        case when runs.off_days is null then 0 else runs.delay_days end as counted_delay_days,
        folded.n_phases_started,
        folded.n_phases_completed,
        greatest(runs.off_days - runs.rest_days_before, 0) as missed_days,
        coalesce(
            folded.goes_on and runs.off_days - runs.rest_days_before >= parameters.interruption_on_days, false
        ) as is_interruption
    from runs
    inner join folded using ({{ keys | join(', ') }}, run_no)
    inner join parameters on runs.param_set_id = parameters.param_set_id
)

select * exclude (delay_days, rest_days_before) from phases
