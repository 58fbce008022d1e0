-- One row per R3 parameter set with a line-start index and patient who had such a line.
-- R3.1: the first line, with a number inside the bounds that the protocol gives, that holds a drug of every component.
with definitions as (
    select param_set_id, line_no_min, line_no_max
    from {{ source('protocol', 'index_definitions') }}
    where index_type = 'line_start'
),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

component_counts as (
    select
        param_set_id,
        count(distinct component) as n_components
    from {{ source('protocol', 'index_components') }}
    group by param_set_id
),

serving as (select * from {{ ref('int_index_component_episodes') }}),

line_episodes as (select * from {{ ref('int_line_episodes') }}),

lines as (select * from {{ ref('int_lines_of_therapy') }}),

served_lines as (
    select
        serving.param_set_id,
        serving.centre_id,
        serving.patient_key,
        lines.line_seq,
        lines.start_date as index_date,
        lines.first_source_file as source_file,
        lines.first_source_row as source_row
    from serving
    inner join definitions on serving.param_set_id = definitions.param_set_id
    inner join upstream on serving.param_set_id = upstream.param_set_id
    inner join component_counts on serving.param_set_id = component_counts.param_set_id
    inner join line_episodes
        on
            upstream.upstream_param_set_id = line_episodes.param_set_id
            and serving.centre_id = line_episodes.centre_id
            and serving.patient_key = line_episodes.patient_key
            and serving.episode_id = line_episodes.episode_id
    inner join lines
        on
            line_episodes.param_set_id = lines.param_set_id
            and line_episodes.centre_id = lines.centre_id
            and line_episodes.patient_key = lines.patient_key
            and line_episodes.line_seq = lines.line_seq
    where
        (definitions.line_no_min is null or lines.line_no >= definitions.line_no_min)
        and (definitions.line_no_max is null or lines.line_no <= definitions.line_no_max)
    group by
        serving.param_set_id, serving.centre_id, serving.patient_key, lines.line_seq, lines.start_date,
        lines.first_source_file, lines.first_source_row, component_counts.n_components
    having count(distinct serving.component) = component_counts.n_components
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key order by index_date, line_seq
        ) as line_number
    from served_lines
),

chosen as (
    select param_set_id, centre_id, patient_key, index_date, source_file, source_row
    from ordered
    where line_number = 1
)

select * from chosen
