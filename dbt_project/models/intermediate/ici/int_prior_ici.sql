-- One row per R4 parameter set and patient with an index date.
-- R4.1, R4.2, R4.4: first and last prior dose (both ends where a date is imprecise) and the agent of the last one, the
-- index agent or a blinded one before others of that day; doses of the index line before the combination window; and
-- whether the chart speaks of earlier therapy without naming it (R3.4).
with agents as (select * from {{ ref('int_ici_index_agents') }}),

doses as (select * from {{ ref('int_prior_ici_doses') }}),

untold as (
    select param_sets.param_set_id, lines.centre_id, lines.patient_key
    from {{ source('protocol', 'param_set_upstream') }} as param_sets
    inner join {{ ref('int_untold_prior_lines') }} as lines on param_sets.upstream_param_set_id = lines.param_set_id
),

placed as (
    select
        agents.param_set_id,
        agents.centre_id,
        agents.patient_key,
        doses.drug_key,
        coalesce({{ any_of('agents.index_agents', 'agent', 'agent = doses.drug_key') }}, false) as is_index_agent,
        doses.is_blinded,
        doses.source_kind,
        doses.start_lo,
        doses.dose_lo,
        doses.dose_hi,
        doses.row_key,
        doses.source_file,
        doses.source_row,
        not doses.in_index_line as is_prior,
        doses.in_index_line
        and {{ days_between('doses.dose_hi', 'agents.index_date') }} > agents.combo_window_days as is_running
    from agents
    inner join doses
        on
            agents.param_set_id = doses.param_set_id
            and agents.centre_id = doses.centre_id
            and agents.patient_key = doses.patient_key
),

summed as (
    select
        param_set_id,
        centre_id,
        patient_key,
        bool_or(is_prior and not is_blinded) as has_prior_ici,
        bool_or(is_prior) as has_prior_dose,
        bool_or(is_running and not is_blinded) as has_add_on_dose,
        bool_or(is_running) as has_running_dose,
        bool_or(is_prior and is_index_agent) as has_prior_index_agent,
        bool_or(is_prior and is_blinded) as has_blinded_dose,
        bool_and(source_kind = 'HISTORY') filter (where is_prior) as is_treated_elsewhere,
        min(start_lo) filter (where is_prior) as first_prior_date,
        min(start_lo) filter (where is_prior and not is_blinded) as first_known_prior_date,
        max(dose_lo) filter (where is_prior) as last_prior_lo,
        max(dose_hi) filter (where is_prior) as last_prior_hi
    from placed
    group by param_set_id, centre_id, patient_key
),

last_doses as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key
            order by
                is_prior desc,
                dose_hi desc,
                dose_lo desc,
                is_index_agent desc,
                is_blinded desc,
                drug_key asc,
                row_key asc
        ) as dose_number
    from placed
    where is_prior or is_running
),

prior_ici as (
    select
        agents.*,
        coalesce(summed.has_prior_ici, false) as has_prior_ici,
        coalesce(summed.has_prior_dose, false) as has_prior_dose,
        coalesce(summed.has_add_on_dose, false) as has_add_on_dose,
        coalesce(summed.has_running_dose, false) as has_running_dose,
        coalesce(summed.has_prior_index_agent, false) as has_prior_index_agent,
        coalesce(summed.has_blinded_dose, false) as has_blinded_dose,
        coalesce(summed.is_treated_elsewhere, false) as is_treated_elsewhere,
        summed.first_prior_date,
        summed.first_known_prior_date,
        summed.last_prior_lo,
        summed.last_prior_hi,
        untold.patient_key is not null as has_untold_line,
        last_doses.drug_key as last_agent,
        last_doses.is_index_agent as is_last_index_agent,
        last_doses.is_blinded as is_last_blinded,
        last_doses.source_file,
        last_doses.source_row
    from agents
    left join summed
        on
            agents.param_set_id = summed.param_set_id
            and agents.centre_id = summed.centre_id
            and agents.patient_key = summed.patient_key
    left join last_doses
        on
            agents.param_set_id = last_doses.param_set_id
            and agents.centre_id = last_doses.centre_id
            and agents.patient_key = last_doses.patient_key
            and last_doses.dose_number = 1
    left join untold
        on
            agents.param_set_id = untold.param_set_id
            and agents.centre_id = untold.centre_id
            and agents.patient_key = untold.patient_key
)

select * from prior_ici
