-- One row per R7 parameter set, patient and index component with dated doses.
-- R7.4, R7.5: what the schedule planned from the first to the last dose, with the patient's own first dose and with the
-- label dose; planned rest is no shortfall, delays are. A dose that moved with its interval is a changed schedule.
{%- set patient = 'param_set_id, centre_id, patient_key, component' %}
with parameters as (select param_set_id, rdi_reference, rdi_max_pct from {{ ref('int_parameters_r7') }}),

drugs as (select * from {{ ref('int_dosing_drugs') }}),

infusions as (
    select
        *,
        {{ days_between('start_date', 'lead(start_date) over by_day') }} as next_interval_days,
        first_value(dose_mg) over by_day as initial_mg,
        first_value(cycle_days) over by_day as initial_cycle_days
    from {{ ref('int_infusions') }}
    window by_day as (partition by {{ patient }}, drug_key order by start_date)
),

cycle_multiples as (
    select {{ patient }}, {{ common_multiple('cycle_days') }} as multiple_days from infusions group by {{ patient }}
),

intakes as (
    select
        {{ patient }},
        drug_key,
        on_days_per_cycle,
        cycle_days,
        {{ days_between('min(start_date)', 'max(end_date)') }} + 1 as elapsed_days,
        sum(on_days) as doses_given,
        {{ complete_sum('on_days * mg_per_on_day') }} as total_mg,
        {{ value_of_first('coalesce(mg_per_on_day, 0)', 'start_date') }} as initial_mg
    from {{ ref('int_oral_intakes') }}
    group by {{ patient }}, drug_key, on_days_per_cycle, cycle_days
),

doses as (
    select
        {{ patient }},
        drug_key,
        true as is_oral,
        intakes.doses_given,
        intakes.total_mg,
        {{ on_days_within('intakes.elapsed_days', 'intakes.on_days_per_cycle', 'intakes.cycle_days') }}
        * coalesce(cycle_multiples.multiple_days, 1) as planned_parts,
        nullif(intakes.initial_mg, 0) as own_mg,
        drugs.label_mg
    from intakes
    inner join drugs using ({{ patient }}, drug_key)
    left join cycle_multiples using ({{ patient }})
    union all
    select
        {{ patient }},
        drug_key,
        false as is_oral,
        1 as doses_given,
        infusions.dose_mg as total_mg,
        case
            when infusions.next_interval_days is null then cycle_multiples.multiple_days
            else infusions.next_interval_days * (cycle_multiples.multiple_days // infusions.cycle_days)
        end as planned_parts,
        case
            when infusions.dose_mg * infusions.initial_cycle_days = infusions.initial_mg * infusions.cycle_days
                then infusions.dose_mg
            else infusions.initial_mg
        end as own_mg,
        case
            when infusions.dose_mg * drugs.label_cycle_days = drugs.label_mg * infusions.cycle_days
                then infusions.dose_mg
            else drugs.label_mg
        end as label_mg
    from infusions
    inner join drugs using ({{ patient }}, drug_key)
    inner join cycle_multiples using ({{ patient }})
),

summed as (
    select
        {{ patient }},
        bool_or(is_oral) as has_oral,
        sum(doses_given) as doses_given,
        sum(planned_parts) as planned_parts,
        {{ complete_sum('total_mg') }} as total_mg,
        {{ complete_sum('planned_parts * own_mg') }} as planned_own_parts,
        {{ complete_sum('planned_parts * label_mg') }} as planned_label_parts
    from doses
    group by {{ patient }}
),

compared as (
    select
        summed.*,
        coalesce(cycle_multiples.multiple_days, 1) as multiple_days,
        coalesce(summed.total_mg, case when not summed.has_oral then summed.doses_given end)
        * coalesce(cycle_multiples.multiple_days, 1) as given_parts,
        case when summed.total_mg is null then summed.planned_parts else summed.planned_own_parts end as own_parts,
        case when summed.total_mg is not null then summed.planned_label_parts end as label_parts
    from summed
    left join cycle_multiples using ({{ patient }})
),

intensities as (
    select
        {{ patient }},
        compared.doses_given,
        {{ rounded_ratio('compared.planned_parts', 'compared.multiple_days') }} as doses_planned,
        compared.total_mg,
        {{ rounded_ratio('compared.planned_own_parts', 'compared.multiple_days') }} as planned_initial_mg,
        {{ rounded_ratio('compared.planned_label_parts', 'compared.multiple_days') }} as planned_label_mg,
        {{ rounded_ratio('100 * compared.given_parts', 'compared.own_parts', 1) }} as rdi_initial_pct,
        {{ rounded_ratio('100 * compared.given_parts', 'compared.label_parts', 1) }} as rdi_label_pct,
        parameters.rdi_reference <> 'initial' as is_label_reference,
        100 * compared.given_parts > parameters.rdi_max_pct * case
            when parameters.rdi_reference = 'initial' then compared.own_parts else compared.label_parts
        end as is_rdi_above_max
    from compared
    inner join parameters using (param_set_id)
)

select * from intensities
