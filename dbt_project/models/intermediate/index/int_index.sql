-- One row per R3 parameter set and patient screened.
-- R3.1, R2.6: index date, index line, drugs beyond the components (EXTRA_AGENTS), counted lines before it, and the
-- date up to which facts are read.
with index_dates as (select * from {{ ref('int_index_dates') }}),

index_lines as (select * from {{ ref('int_index_lines') }}),

line_episodes as (
    select param_set_id, centre_id, patient_key, episode_id, line_seq from {{ ref('int_line_episodes') }}
),

lines as (
    select param_set_id, centre_id, patient_key, line_seq, is_counted from {{ ref('int_lines_of_therapy') }}
),

serving as (select param_set_id, centre_id, patient_key, episode_id from {{ ref('int_index_component_episodes') }}),

extra_agents as (
    select
        index_lines.param_set_id,
        index_lines.centre_id,
        index_lines.patient_key,
        count(*) as n_extra_episodes
    from index_lines
    inner join line_episodes
        on
            index_lines.lines_param_set_id = line_episodes.param_set_id
            and index_lines.centre_id = line_episodes.centre_id
            and index_lines.patient_key = line_episodes.patient_key
            and index_lines.index_line_seq = line_episodes.line_seq
    left join serving
        on
            index_lines.param_set_id = serving.param_set_id
            and line_episodes.centre_id = serving.centre_id
            and line_episodes.patient_key = serving.patient_key
            and line_episodes.episode_id = serving.episode_id
    where serving.episode_id is null
    group by index_lines.param_set_id, index_lines.centre_id, index_lines.patient_key
),

prior_lines as (
    select
        index_lines.param_set_id,
        index_lines.centre_id,
        index_lines.patient_key,
        count(lines.line_seq) as prior_lines
    from index_lines
    left join lines
        on
            index_lines.lines_param_set_id = lines.param_set_id
            and index_lines.centre_id = lines.centre_id
            and index_lines.patient_key = lines.patient_key
            and index_lines.index_line_seq > lines.line_seq
            and lines.is_counted
    group by index_lines.param_set_id, index_lines.centre_id, index_lines.patient_key
),

described as (
    select
        index_dates.*,
        coalesce(index_dates.index_date, index_dates.data_cutoff) as reference_date,
        index_lines.lines_param_set_id,
        index_lines.index_line_seq,
        index_lines.index_line_no,
        index_lines.index_regimen,
        index_lines.index_line_start_date,
        index_dates.index_type <> 'diagnosis' and extra_agents.n_extra_episodes is not null as has_extra_agents,
        cast(prior_lines.prior_lines as integer) as prior_lines
    from index_dates
    left join index_lines
        on
            index_dates.param_set_id = index_lines.param_set_id
            and index_dates.centre_id = index_lines.centre_id
            and index_dates.patient_key = index_lines.patient_key
    left join extra_agents
        on
            index_dates.param_set_id = extra_agents.param_set_id
            and index_dates.centre_id = extra_agents.centre_id
            and index_dates.patient_key = extra_agents.patient_key
    left join prior_lines
        on
            index_dates.param_set_id = prior_lines.param_set_id
            and index_dates.centre_id = prior_lines.centre_id
            and index_dates.patient_key = prior_lines.patient_key
)

select * from described
