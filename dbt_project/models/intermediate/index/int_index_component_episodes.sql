-- One row per R3 parameter set, index component and exposure episode that serves it.
-- R3.1: an episode serves a component when its drug matches any member; episodes without an exact start and local
-- treatment do not (R0.3, R1).
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

components as (select param_set_id, component, member_kind, member from {{ source('protocol', 'index_components') }}),

members as (select drug_key, member_kind, member from {{ ref('int_drug_members') }}),

episodes as (
    select *
    from {{ ref('int_exposure_episodes') }}
    where coalesce(start_flag, '') = '' and coalesce(local_route, 'N') = 'N'
),

component_drugs as (
    select distinct
        components.param_set_id,
        components.component,
        members.drug_key
    from components
    inner join members
        on components.member_kind = members.member_kind and components.member = members.member
),

serving as (
    select
        component_drugs.param_set_id,
        component_drugs.component,
        episodes.centre_id,
        episodes.patient_key,
        episodes.episode_id,
        episodes.drug_key,
        episodes.start_date,
        episodes.covered_through_date,
        episodes.first_source_file as source_file,
        episodes.first_source_row as source_row
    from component_drugs
    inner join upstream on component_drugs.param_set_id = upstream.param_set_id
    inner join episodes
        on
            upstream.upstream_param_set_id = episodes.param_set_id
            and component_drugs.drug_key = episodes.drug_key
)

select * from serving
