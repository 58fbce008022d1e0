-- One row per R4 parameter set and patient with a systemic drug before the index line.
-- R4.9: days from the last possible dose of any prior systemic drug to the index date; capsules taken home last to
-- their last on-day, at most to the day before the index line.
with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

agents as (select param_set_id, centre_id, patient_key, index_date from {{ ref('int_ici_index_agents') }}),

index_lines as (
    select param_set_id, centre_id, patient_key, least(index_date, index_line_start_date) as prior_until_date
    from {{ ref('int_index') }}
    where index_date is not null
),

taken_home as (
    select param_set_id, centre_id, patient_key, start_date, last_dose_date
    from {{ ref('int_exposure_episodes') }}
    where is_oral = 'Y' and counts_in_lot = 'Y' and local_route = 'N'
),

prior_rows as (
    select param_set_id, centre_id, patient_key, dose_hi
    from {{ ref('int_prior_drug_rows') }}
    where counts_in_lot = 'Y' and not in_index_line
),

last_doses as (
    select upstream.param_set_id, prior_rows.centre_id, prior_rows.patient_key, prior_rows.dose_hi as last_dose_date
    from prior_rows
    inner join upstream
        on prior_rows.param_set_id = upstream.upstream_param_set_id and upstream.upstream_family = 'R3'
    union all
    select
        cohort_set.param_set_id,
        index_lines.centre_id,
        index_lines.patient_key,
        least(taken_home.last_dose_date, {{ days_after('index_lines.prior_until_date', -1) }}) as last_dose_date
    from index_lines
    inner join upstream as cohort_set
        on index_lines.param_set_id = cohort_set.upstream_param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as line_set
        on cohort_set.param_set_id = line_set.param_set_id and line_set.upstream_family = 'R2'
    inner join taken_home
        on
            line_set.upstream_param_set_id = taken_home.param_set_id
            and index_lines.centre_id = taken_home.centre_id
            and index_lines.patient_key = taken_home.patient_key
            and index_lines.prior_until_date > taken_home.start_date
),

washouts as (
    select
        agents.param_set_id,
        agents.centre_id,
        agents.patient_key,
        {{ days_between('max(last_doses.last_dose_date)', 'agents.index_date') }} as washout_days
    from agents
    inner join last_doses
        on
            agents.param_set_id = last_doses.param_set_id
            and agents.centre_id = last_doses.centre_id
            and agents.patient_key = last_doses.patient_key
    group by agents.param_set_id, agents.centre_id, agents.patient_key, agents.index_date
)

select * from washouts
