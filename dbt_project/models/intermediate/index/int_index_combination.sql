-- One row per R3 parameter set with a combination index and patient who had all components on board at once.
-- R3.1: the first day covered by an episode of every component, that is the smallest later start; first_component
-- takes the earliest of their starts.
with definitions as (
    select param_set_id from {{ source('protocol', 'index_definitions') }} where index_type = 'combination'
),

component_counts as (
    select
        param_set_id,
        count(distinct component) as n_components
    from {{ source('protocol', 'index_components') }}
    group by param_set_id
),

parameters as (select param_set_id, index_rule from {{ ref('int_parameters_r3') }}),

serving as (select * from {{ ref('int_index_component_episodes') }}),

candidate_days as (
    select distinct
        serving.param_set_id,
        serving.centre_id,
        serving.patient_key,
        serving.start_date as combined_date
    from serving
    inner join definitions on serving.param_set_id = definitions.param_set_id
),

on_board as (
    select
        candidate_days.combined_date,
        serving.*
    from candidate_days
    inner join serving
        on
            candidate_days.param_set_id = serving.param_set_id
            and candidate_days.centre_id = serving.centre_id
            and candidate_days.patient_key = serving.patient_key
            and candidate_days.combined_date between serving.start_date and serving.covered_through_date
),

combined_days as (
    select
        on_board.param_set_id,
        on_board.centre_id,
        on_board.patient_key,
        on_board.combined_date,
        min(on_board.start_date) as first_component_date
    from on_board
    inner join component_counts on on_board.param_set_id = component_counts.param_set_id
    group by
        on_board.param_set_id, on_board.centre_id, on_board.patient_key, on_board.combined_date,
        component_counts.n_components
    having count(distinct on_board.component) = component_counts.n_components
),

first_days as (
    select
        *,
        row_number() over (partition by param_set_id, centre_id, patient_key order by combined_date) as day_number
    from combined_days
),

index_days as (
    select
        first_days.*,
        case
            when parameters.index_rule = 'first_component' then first_days.first_component_date
            else first_days.combined_date
        end as index_date
    from first_days
    inner join parameters on first_days.param_set_id = parameters.param_set_id
    where first_days.day_number = 1
),

opening_episodes as (
    select
        index_days.param_set_id,
        index_days.centre_id,
        index_days.patient_key,
        index_days.index_date,
        on_board.source_file,
        on_board.source_row,
        row_number() over (
            partition by index_days.param_set_id, index_days.centre_id, index_days.patient_key
            order by on_board.drug_key, on_board.episode_id, on_board.component
        ) as episode_number
    from index_days
    inner join on_board
        on
            index_days.param_set_id = on_board.param_set_id
            and index_days.centre_id = on_board.centre_id
            and index_days.patient_key = on_board.patient_key
            and index_days.combined_date = on_board.combined_date
            and index_days.index_date = on_board.start_date
),

chosen as (
    select param_set_id, centre_id, patient_key, index_date, source_file, source_row
    from opening_episodes
    where episode_number = 1
)

select * from chosen
