-- One row per R5 parameter set and patient with an index date.
-- R5.4, R5.5: best response of the source that counts, clinical benefit, depth of response, and how far investigator
-- and independent reader agree on best response and progression.
{%- set patient = 'param_set_id, centre_id, patient_key' %}
with responses as (select * from {{ ref('int_reader_best_responses') }}),

depths as (select * from {{ ref('int_depths_of_response') }}),

parameters as (select param_set_id, cb_weeks from {{ ref('int_parameters_r5') }}),

deaths as (
    select centre_id, patient_key, min(date_lo) as earliest_date, min(date_hi) as latest_date
    from {{ ref('stg_death') }}
    group by centre_id, patient_key
),

decided_deaths as (
    select
        upstream.upstream_param_set_id as param_set_id,
        found.centre_id,
        found.patient_key,
        min(found.death_date) as death_date
    from {{ ref('int_deaths') }} as found
    inner join {{ source('protocol', 'param_set_upstream') }} as upstream
        on found.param_set_id = upstream.param_set_id and upstream.upstream_family = 'R5'
    where found.death_source = 'ADJUDICATED' and found.death_status in ('ACCEPTED', 'NOT_DEAD')
    group by upstream.upstream_param_set_id, found.centre_id, found.patient_key
),

of_each_reader as (
    select
        *,
        row_number() over (partition by {{ patient }}, lesion_reader order by reader_kind = 'DERIVED', reader) as place
    from responses
    where lesion_reader is not null
),

investigators as (select * from of_each_reader where place = 1 and lesion_reader = 'INV'),

independents as (select * from of_each_reader where place = 1 and lesion_reader = 'IND'),

compared as (
    select
        {{ patient }},
        investigators.bor as investigator_bor,
        independents.bor as independent_bor,
        case
            when investigators.reader is not null and independents.reader is not null
                then {{ discordance('investigators.bor', 'independents.bor') }}
        end as discordance,
        {{ days_between('investigators.pd_date', 'independents.pd_date') }} as pd_shift_days
    from investigators
    full outer join independents using ({{ patient }})
),

benefits as (
    select
        responses.*,
        case when decided_deaths.patient_key is null then deaths.earliest_date else decided_deaths.death_date end
            as earliest_death_date,
        case when decided_deaths.patient_key is null then deaths.latest_date else decided_deaths.death_date end
            as latest_death_date,
        {{ days_after('responses.index_date', 'parameters.cb_weeks * 7') }} as benefit_date
    from responses
    inner join parameters on responses.param_set_id = parameters.param_set_id
    left join deaths on responses.centre_id = deaths.centre_id and responses.patient_key = deaths.patient_key
    left join decided_deaths
        on
            responses.param_set_id = decided_deaths.param_set_id
            and responses.centre_id = decided_deaths.centre_id
            and responses.patient_key = decided_deaths.patient_key
    where responses.choice_no = 1
),

best as (
    select
        benefits.*,
        case
            when benefits.is_responder then true
            when not benefits.is_controlled then false
            when benefits.pd_date < benefits.benefit_date or benefits.latest_death_date < benefits.benefit_date
                then false
            when benefits.benefit_shown_date is null then false
            when benefits.earliest_death_date < benefits.benefit_date then null
            else true
        end as is_clinical_benefit,
        case when is_clinical_benefit then least(benefits.first_response_date, benefits.benefit_shown_date) end
            as clinical_benefit_date,
        depths.has_baseline,
        depths.baseline_date,
        depths.baseline_imaging_date,
        depths.baseline_flag,
        depths.base_mm,
        depths.best_sum_mm,
        depths.best_pct_base,
        depths.best_sum_date,
        depths.depth_status,
        depths.has_new_lesion,
        compared.investigator_bor,
        compared.independent_bor,
        compared.discordance,
        compared.pd_shift_days
    from benefits
    left join depths
        on
            benefits.param_set_id = depths.param_set_id
            and benefits.centre_id = depths.centre_id
            and benefits.patient_key = depths.patient_key
            and benefits.reader = depths.reader
    left join compared
        on
            benefits.param_set_id = compared.param_set_id
            and benefits.centre_id = compared.centre_id
            and benefits.patient_key = compared.patient_key
)

select * from best
