-- One row per R7 parameter set, patient with an index date and index component.
-- R7: first and lowest dose, reductions and their reason, cycles, interruptions, delays, omissions, duration and dose
-- intensity of the component in the index line; empty where no dated dose is recorded.
{%- set patient = 'param_set_id, centre_id, patient_key, component' %}
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where
        upstream_family = 'R3'
        and param_set_id in (select parameters.param_set_id from {{ ref('int_parameters_r7') }} as parameters)
),

components as (select distinct param_set_id, component from {{ source('protocol', 'index_components') }}),

patients as (
    select
        upstream.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        components.component,
        index_dates.index_date
    from upstream
    inner join components on upstream.upstream_param_set_id = components.param_set_id
    inner join {{ ref('int_index') }} as index_dates on upstream.upstream_param_set_id = index_dates.param_set_id
    where index_dates.index_date is not null
),

levels as (
    select
        {{ patient }},
        string_agg(distinct drug_key, ' + ' order by drug_key) as drug_keys,
        {{ value_of_first("coalesce(mg, 0)", 'record_date || drug_key') }} as first_mg,
        min(mg) as min_mg,
        count(*) filter (where dose_change = 'REDUCTION') as n_reductions,
        count(*) filter (where reduction_reason = 'AE') as n_toxicity_reductions,
        count(*) filter (where reduction_reason = 'UNKNOWN') as n_unexplained_reductions,
        count(*) filter (where dose_change = 'ESCALATION') as n_escalations,
        bool_or(dose_change = 'UNKNOWN') as has_unknown_change,
        {{ value_of_first('source_file', 'record_date || drug_key') }} as source_file,
        {{ value_of_first('source_row', 'record_date || drug_key') }} as source_row
    from {{ ref('int_dose_changes') }}
    group by {{ patient }}
),

counted as (
    select
        {{ patient }}, first_dose_date, last_dose_date, cycles_started, cycles_completed, n_interruptions, n_delays,
        delay_days, n_omissions
    from {{ ref('int_dosing_cycles') }}
),

dosing as (
    select
        {{ patient }},
        patients.index_date,
        levels.drug_keys,
        nullif(levels.first_mg, 0) as initial_mg,
        levels.min_mg,
        case
            when levels.n_reductions > 0 then 'Y' when not levels.has_unknown_change then 'N'
        end as reduced,
        case
            when levels.n_reductions > 0 or not levels.has_unknown_change then levels.n_reductions
        end as n_reductions,
        levels.n_toxicity_reductions,
        levels.n_unexplained_reductions,
        case
            when levels.n_toxicity_reductions > 0 then 'TOXICITY'
            when levels.n_unexplained_reductions > 0 then 'UNKNOWN'
            when levels.n_reductions > 0 then 'OTHER'
        end as reduction_reason,
        case
            when levels.n_escalations > 0 then 'Y' when not levels.has_unknown_change then 'N'
        end as escalated,
        counted.* exclude ({{ patient }}),
        case
            when counted.last_dose_date >= patients.index_date
                then {{ days_between('patients.index_date', 'counted.last_dose_date') }} + 1
        end as duration_days,
        intensities.* exclude ({{ patient }}),
        case when levels.source_file is not null then 'drug_row' end as source_table,
        levels.source_file,
        levels.source_row
    from patients
    left join levels using ({{ patient }})
    left join counted using ({{ patient }})
    left join {{ ref('int_dose_intensities') }} as intensities using ({{ patient }})
)

select * from dosing
