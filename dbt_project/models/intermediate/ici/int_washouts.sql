-- One row per R4 parameter set and patient with a systemic drug before the index line.
-- R4.9: days from the last possible dose of any prior systemic drug to the index date.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R3'
),

agents as (select param_set_id, centre_id, patient_key, index_date from {{ ref('int_ici_index_agents') }}),

prior_rows as (
    select param_set_id, centre_id, patient_key, dose_hi
    from {{ ref('int_prior_drug_rows') }}
    where counts_in_lot = 'Y' and not in_index_line
),

washouts as (
    select
        agents.param_set_id,
        agents.centre_id,
        agents.patient_key,
        {{ days_between('max(prior_rows.dose_hi)', 'agents.index_date') }} as washout_days
    from agents
    inner join upstream on agents.param_set_id = upstream.param_set_id
    inner join prior_rows
        on
            upstream.upstream_param_set_id = prior_rows.param_set_id
            and agents.centre_id = prior_rows.centre_id
            and agents.patient_key = prior_rows.patient_key
    group by agents.param_set_id, agents.centre_id, agents.patient_key, agents.index_date
)

select * from washouts
