-- One row per R2 parameter set, patient and exposure episode that can make or join a line of therapy.
-- R2.3, R2.4: systemic anticancer drugs, and when the same drug, ingredient and group were last given before.
with episodes as (
    select *
    from {{ ref('int_exposure_episodes') }}
    where counts_in_lot = 'Y' and local_route = 'N'
),

parameters as (select param_set_id, gap_exempt_drugs, maintenance_drugs from {{ ref('int_parameters_r2') }}),

curative as (select * from {{ ref('int_curative_episodes') }}),

candidates as (
    select
        episodes.param_set_id,
        episodes.centre_id,
        episodes.patient_key,
        episodes.episode_id,
        episodes.drug_key,
        episodes.start_date,
        episodes.last_dose_date,
        episodes.covered_through_date,
        curative.episode_id is not null as is_curative,
        episodes.planned_maintenance = 'Y' as is_planned_maintenance,
        {{ is_listed('episodes.drug_key', 'parameters.maintenance_drugs') }} as is_listed_maintenance,
        {{ is_listed('episodes.drug_key', 'parameters.gap_exempt_drugs') }} as is_gap_exempt,
        max(episodes.last_dose_date) over (
            partition by episodes.param_set_id, episodes.centre_id, episodes.patient_key, episodes.drug_key
            order by episodes.start_date range between unbounded preceding and interval 1 day preceding
        ) as drug_last_dose_date,
        max(episodes.last_dose_date) over (
            partition by episodes.param_set_id, episodes.centre_id, episodes.patient_key, episodes.base_ingredient
            order by episodes.start_date range between unbounded preceding and interval 1 day preceding
        ) as ingredient_last_dose_date,
        case
            when episodes.sub_group is not null
                then max(episodes.last_dose_date) over (
                    partition by episodes.param_set_id, episodes.centre_id, episodes.patient_key, episodes.sub_group
                    order by episodes.start_date range between unbounded preceding and interval 1 day preceding
                )
        end as group_last_dose_date
    from episodes
    inner join parameters on episodes.param_set_id = parameters.param_set_id
    left join curative
        on
            episodes.param_set_id = curative.param_set_id
            and episodes.centre_id = curative.centre_id
            and episodes.patient_key = curative.patient_key
            and episodes.episode_id = curative.episode_id
)

select * from candidates
