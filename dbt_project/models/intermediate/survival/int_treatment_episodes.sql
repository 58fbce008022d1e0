-- One row per R6 parameter set, patient, index component and exposure episode of the index treatment.
-- R2.4, R7.6: the episodes that serve a component from index on, or make up the line of a diagnosis index, up to the
-- day before the next line and the end of observation.
{{ config(materialized='view') }}

with observed as (select * from {{ ref('int_observation_ends') }} where at_risk_from = 'INDEX'),

lines as (select param_set_id, centre_id, patient_key, line_seq, start_date from {{ ref('int_lines_of_therapy') }}),

component_episodes as (
    select param_set_id, centre_id, patient_key, component, episode_id from {{ ref('int_index_component_episodes') }}
),

line_episodes as (
    select param_set_id, centre_id, patient_key, line_seq, episode_id from {{ ref('int_line_episodes') }}
),

episodes as (select * from {{ ref('int_exposure_episodes') }}),

bounded as (
    select
        observed.*,
        lines.start_date as next_line_date,
        least({{ days_after('lines.start_date', '-1') }}, observed.last_counted_date) as last_day
    from observed
    left join lines
        on
            observed.lines_param_set_id = lines.param_set_id
            and observed.centre_id = lines.centre_id
            and observed.patient_key = lines.patient_key
            and observed.index_line_seq + 1 = lines.line_seq
),

serving as (
    select bounded.*, component_episodes.component, component_episodes.episode_id
    from bounded
    inner join component_episodes
        on
            bounded.cohort_param_set_id = component_episodes.param_set_id
            and bounded.centre_id = component_episodes.centre_id
            and bounded.patient_key = component_episodes.patient_key
    union all
    select bounded.*, 'LINE' as component, line_episodes.episode_id
    from bounded
    inner join line_episodes
        on
            bounded.lines_param_set_id = line_episodes.param_set_id
            and bounded.centre_id = line_episodes.centre_id
            and bounded.patient_key = line_episodes.patient_key
            and bounded.index_line_seq = line_episodes.line_seq
    where bounded.index_type = 'diagnosis'
),

served as (
    select
        serving.param_set_id,
        serving.lines_param_set_id,
        serving.centre_id,
        serving.patient_key,
        serving.index_date,
        serving.data_cutoff,
        serving.death_status,
        serving.next_line_date,
        serving.last_day,
        serving.component,
        serving.episode_id,
        episodes.drug_key,
        episodes.local_route,
        episodes.start_date,
        episodes.last_dose_date,
        episodes.covered_through_date
    from serving
    inner join episodes
        on
            serving.lines_param_set_id = episodes.param_set_id
            and serving.centre_id = episodes.centre_id
            and serving.patient_key = episodes.patient_key
            and serving.episode_id = episodes.episode_id
            and serving.index_date <= episodes.covered_through_date
    where serving.last_day is null or episodes.start_date <= serving.last_day
)

select * from served
