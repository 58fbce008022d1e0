-- One row per check and derived row that the check looked at.
-- R10: line numbers (DQ020), durations (DQ021), censoring codes and doubles (DQ022), PFS against OS (DQ023), duration
-- of response (DQ024), doses leaked over a start (DQ072, DQ073).
{{ config(materialized='view') }}
{%- set keys = 'param_set_id, centre_id, patient_key' %}

with lines as (
    select
        *,
        row_number() over (partition by {{ keys }}, is_counted order by line_seq) as expected_no,
        lag(start_date) over (partition by {{ keys }} order by line_seq) as previous_start,
        lead(start_date) over (partition by {{ keys }} order by line_seq) as next_start
    from {{ ref('int_lines_of_therapy') }}
),

parameters as (select param_set_id, tte_add_one from {{ ref('int_parameters_r6') }}),

times as (
    select
        survival.*,
        parameters.tte_add_one,
        count(*) over (partition by {{ keys }}, survival.paramcd) as n_rows,
        max(case when survival.paramcd = 'OS' then survival.end_date end) over (partition by {{ keys }}) as os_date,
        min(case when survival.paramcd = 'OS' then survival.cnsr end) over (partition by {{ keys }}) as os_cnsr
    from {{ ref('int_survival_times') }} as survival
    inner join parameters using (param_set_id)
),

first_responses as (
    select {{ keys }}, event_date
    from {{ ref('int_event_dates') }}
    where event = 'FIRST_RESPONSE' and at_risk_from = 'INDEX'
),

given_in_line as (
    select
        {{ keys }},
        members.line_seq,
        members.episode_id,
        episodes.last_dose_date,
        next_members.episode_id is not null as is_carried_over,
        episodes.first_source_file as source_file,
        episodes.first_source_row as source_row
    from {{ ref('int_line_episodes') }} as members
    inner join {{ ref('int_exposure_episodes') }} as episodes using ({{ keys }}, episode_id)
    left join {{ ref('int_line_episodes') }} as next_members
        on
            members.param_set_id = next_members.param_set_id
            and members.centre_id = next_members.centre_id
            and members.patient_key = next_members.patient_key
            and members.episode_id = next_members.episode_id
            and members.line_seq + 1 = next_members.line_seq
),

judged as (
    select
        'DQ020' as check_id, 'line' as table_name, {{ keys }}, cast(line_seq as varchar) as row_key,
        first_source_file as source_file, first_source_row as source_row,
        (is_counted and line_no is distinct from expected_no)
        or (not is_counted and line_no is not null)
        or coalesce(start_date <= previous_start, false) as is_failed
    from lines
    union all
    select
        'DQ021' as check_id, 'adtte' as table_name, {{ keys }}, paramcd as row_key, source_file, source_row,
        coalesce(
            aval_days <> {{ days_between('start_date', 'end_date') }} + tte_add_one or aval_days < tte_add_one, true
        ) as is_failed
    from times
    union all
    select
        'DQ022' as check_id, 'adtte' as table_name, {{ keys }}, paramcd as row_key, source_file, source_row,
        coalesce(cnsr < 0, true) or n_rows > 1 as is_failed
    from times
    union all
    select
        'DQ023' as check_id, 'adtte' as table_name, {{ keys }}, paramcd as row_key, source_file, source_row,
        coalesce(
            (end_date > os_date and evntdesc <> 'NEW ANTICANCER THERAPY')
            or (
                os_cnsr = 0
                and evntdesc in ('LAST KNOWN ALIVE', 'LAST EVALUABLE ASSESSMENT', 'NO POST-BASELINE ASSESSMENT')
            ),
            false
        ) as is_failed
    from times
    where paramcd = 'PFS'
    union all
    select
        'DQ024' as check_id, 'adtte' as table_name, {{ keys }}, times.paramcd as row_key, times.source_file,
        times.source_row, coalesce(times.start_date <> first_responses.event_date, true) as is_failed
    from times
    left join first_responses using ({{ keys }})
    where times.paramcd = 'DOR'
    union all
    select
        'DQ072' as check_id, 'line' as table_name, {{ keys }}, cast(line_seq as varchar) as row_key,
        given_in_line.source_file, given_in_line.source_row,
        given_in_line.last_dose_date > lines.next_start and not given_in_line.is_carried_over as is_failed
    from given_in_line
    inner join lines using ({{ keys }}, line_seq)
    where lines.next_start is not null
    union all
    select
        'DQ073' as check_id, 'ici' as table_name, {{ keys }}, last_prior_agent as row_key, source_file, source_row,
        ici_class <> 'ADD_ON' and coalesce(last_prior_ici_hi >= index_date, false) as is_failed
    from {{ ref('int_treatment_free_intervals') }}
),

looked_at as (
    select
        check_id, table_name, centre_id, patient_key, row_key, source_file, source_row, param_set_id, is_failed
    from judged
    where is_failed is not null
)

select * from looked_at
