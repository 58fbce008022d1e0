-- One row per R8 parameter set and patient with an index date.
-- R8.1, R8.3: who took an index component, and the last days that count: so many days after the last dose of the last
-- component and before the next line; for immune-related events longer, the next line ignored.
with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

parameters as (select * from {{ ref('int_parameters_r8') }}),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

serving as (select * from {{ ref('int_index_component_episodes') }}),

line_episodes as (
    select param_set_id, centre_id, patient_key, episode_id, line_seq from {{ ref('int_line_episodes') }}
),

episodes as (
    select param_set_id, centre_id, patient_key, episode_id, last_dose_date from {{ ref('int_exposure_episodes') }}
),

lines as (
    select param_set_id, centre_id, patient_key, line_seq, next_start_date from {{ ref('int_lines_of_therapy') }}
),

deaths as (
    select param_set_id, centre_id, patient_key, death_date from {{ ref('int_deaths') }} where death_status = 'ACCEPTED'
),

doses as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        min(serving.start_date) as first_dose_date,
        max(episodes.last_dose_date) as last_dose_date
    from index_dates
    inner join serving
        on
            index_dates.param_set_id = serving.param_set_id
            and index_dates.centre_id = serving.centre_id
            and index_dates.patient_key = serving.patient_key
    inner join line_episodes
        on
            index_dates.lines_param_set_id = line_episodes.param_set_id
            and index_dates.centre_id = line_episodes.centre_id
            and index_dates.patient_key = line_episodes.patient_key
            and index_dates.index_line_seq = line_episodes.line_seq
            and serving.episode_id = line_episodes.episode_id
    inner join episodes
        on
            line_episodes.param_set_id = episodes.param_set_id
            and line_episodes.centre_id = episodes.centre_id
            and line_episodes.patient_key = episodes.patient_key
            and line_episodes.episode_id = episodes.episode_id
    group by index_dates.param_set_id, index_dates.centre_id, index_dates.patient_key
),

followed as (
    select
        parameters.param_set_id,
        index_dates.lines_param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        index_dates.data_cutoff,
        deaths.death_date,
        doses.first_dose_date,
        doses.last_dose_date,
        lines.next_start_date as next_line_date,
        doses.last_dose_date is not null as is_treated,
        least(
            {{ days_after('doses.last_dose_date', 'parameters.te_days_after_last_dose') }},
            {{ days_after('lines.next_start_date', -1) }}
        ) as te_end_date,
        {{ days_after('doses.last_dose_date', 'parameters.te_irae_days_after_last_dose') }} as irae_end_date
    from parameters
    inner join upstream as cohort_set
        on parameters.param_set_id = cohort_set.param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as survival_set
        on parameters.param_set_id = survival_set.param_set_id and survival_set.upstream_family = 'R6'
    inner join index_dates on cohort_set.upstream_param_set_id = index_dates.param_set_id
    left join doses
        on
            index_dates.param_set_id = doses.param_set_id
            and index_dates.centre_id = doses.centre_id
            and index_dates.patient_key = doses.patient_key
    left join lines
        on
            index_dates.lines_param_set_id = lines.param_set_id
            and index_dates.centre_id = lines.centre_id
            and index_dates.patient_key = lines.patient_key
            and index_dates.index_line_seq = lines.line_seq
    left join deaths
        on
            survival_set.upstream_param_set_id = deaths.param_set_id
            and index_dates.centre_id = deaths.centre_id
            and index_dates.patient_key = deaths.patient_key
)

select * from followed
