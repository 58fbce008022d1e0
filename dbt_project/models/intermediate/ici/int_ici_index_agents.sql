-- One row per R4 parameter set and patient with an index date.
-- R4.1, R4.4: the checkpoint inhibitors of the index regimen, those that serve its components and others of theirs on
-- board that day; none where the index has none; and how long before the index date its line may have begun (R2.4).
with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R4'),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

windows as (select param_set_id, combo_window_days from {{ ref('int_parameters_r2') }}),

serving as (
    select param_set_id, centre_id, patient_key, drug_key from {{ ref('int_index_components_served') }}
    union
    select episodes.param_set_id, episodes.centre_id, episodes.patient_key, episodes.drug_key
    from {{ ref('int_index_component_episodes') }} as episodes
    inner join index_dates
        on
            episodes.param_set_id = index_dates.param_set_id
            and episodes.centre_id = index_dates.centre_id
            and episodes.patient_key = index_dates.patient_key
    where index_dates.index_date between episodes.start_date and episodes.covered_through_date
),

checkpoint_inhibitors as (
    select drug_key from {{ ref('int_drug_members') }} where member_kind = 'flag' and member = 'is_ici'
),

served_inhibitors as (
    select
        serving.param_set_id,
        serving.centre_id,
        serving.patient_key,
        list(distinct serving.drug_key) as index_agents,
        {{ sorted_text('serving.drug_key', ' + ') }} as index_agent
    from serving
    inner join checkpoint_inhibitors on serving.drug_key = checkpoint_inhibitors.drug_key
    group by serving.param_set_id, serving.centre_id, serving.patient_key
),

agents as (
    select
        param_sets.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        windows.combo_window_days,
        served_inhibitors.index_agents,
        served_inhibitors.index_agent
    from param_sets
    inner join upstream as cohort_set
        on param_sets.param_set_id = cohort_set.param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as line_set
        on param_sets.param_set_id = line_set.param_set_id and line_set.upstream_family = 'R2'
    inner join index_dates on cohort_set.upstream_param_set_id = index_dates.param_set_id
    left join windows on line_set.upstream_param_set_id = windows.param_set_id
    left join served_inhibitors
        on
            index_dates.param_set_id = served_inhibitors.param_set_id
            and index_dates.centre_id = served_inhibitors.centre_id
            and index_dates.patient_key = served_inhibitors.patient_key
)

select * from agents
