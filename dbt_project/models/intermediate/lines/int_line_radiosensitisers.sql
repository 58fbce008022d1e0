-- One row per R2 parameter set, patient and palliative line that is chemotherapy beside palliative radiotherapy only.
-- R2.5: it counts from two cycles at systemic dose; `counts` is N below them and U where doses are not told. A dose is
-- systemic from a share of the lowest usual dose of the drug; capsules and histories are cycles of unknown dose.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with parameters as (select * from {{ ref('int_parameters_r2') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

drugs as (
    select
        drug_key,
        dose_basis,
        cast(nullif(regexp_extract(std_dose, '[0-9.]+'), '') as decimal(10, 2)) as lowest_usual_dose
    from {{ ref('drugs') }}
),

courses as (
    select
        {{ keys }},
        openings.line_seq,
        openings.start_date,
        max(episodes.last_dose_date) as last_dose_date,
        max(
            case
                when episodes.is_oral = 'Y' or episodes.on_days is null
                    then
                        ({{ days_between('episodes.start_date', 'episodes.covered_through_date') }} + 1)
                        // greatest(episodes.cycle_days, 1)
            end
        ) as told_cycles
    from {{ ref('int_line_openings') }} as openings
    inner join {{ ref('int_line_episodes') }} using ({{ keys }}, line_seq)
    inner join {{ ref('int_exposure_episodes') }} as episodes using ({{ keys }}, episode_id)
    where not openings.is_curative
    group by {{ keys }}, openings.line_seq, openings.start_date
    having bool_and({{ is_cytotoxic('episodes.class') }})
),

irradiated as (
    select
        courses.*,
        parameters.crt_min_cycles,
        parameters.crt_systemic_share,
        parameters.crt_body_surface_m2,
        {{ value_of_first('radiotherapies.row_key', 'radiotherapies.row_key') }} as radiotherapy_row_key
    from courses
    inner join parameters using (param_set_id)
    inner join cutoffs using (param_set_id, centre_id)
    inner join {{ ref('stg_procedure') }} as radiotherapies
        on courses.centre_id = radiotherapies.centre_id and courses.patient_key = radiotherapies.patient_key
    where
        radiotherapies.kind = 'RT'
        and (
            radiotherapies.intent = 'PALLIATIVE'
            or (radiotherapies.intent is null and radiotherapies.dose_gy < parameters.definitive_rt_min_gy)
        )
        and {{ by_cutoff('radiotherapies.start_lo', 'cutoffs.data_cutoff') }}
        and {{ days_after('radiotherapies.start_lo', '-parameters.crt_margin_days') }} <= courses.start_date
        and {{ days_after('radiotherapies.end_hi', 'parameters.crt_margin_days') }} >= courses.last_dose_date
        and radiotherapies.end_hi >= courses.start_date
    group by all
),

dosed as (
    select
        irradiated.*,
        cycles.drug_key,
        case drugs.dose_basis
            when 'AUC' then cycles.given_auc
            when 'mg flat' then cycles.given_mg
            else coalesce(cycles.given_mg_per_m2, cycles.given_mg / irradiated.crt_body_surface_m2)
        end >= drugs.lowest_usual_dose * irradiated.crt_systemic_share as is_systemic
    from irradiated
    left join {{ ref('int_line_cycles') }} as cycles using ({{ keys }}, line_seq)
    left join drugs on cycles.drug_key = drugs.drug_key
),

by_drug as (
    select
        {{ keys }},
        line_seq,
        crt_min_cycles,
        radiotherapy_row_key,
        drug_key,
        count(*) filter (where is_systemic) as n_systemic_cycles,
        count(drug_key) filter (where is_systemic is null) + coalesce(max(told_cycles), 0) as n_unknown_cycles
    from dosed
    group by {{ keys }}, line_seq, crt_min_cycles, radiotherapy_row_key, drug_key
),

judged as (
    select
        {{ keys }},
        line_seq,
        radiotherapy_row_key,
        cast(max(n_systemic_cycles) as integer) as n_systemic_cycles,
        case
            when max(n_systemic_cycles) >= crt_min_cycles then 'Y'
            when max(n_systemic_cycles + n_unknown_cycles) >= crt_min_cycles then 'U'
            else 'N'
        end as counts
    from by_drug
    group by {{ keys }}, line_seq, radiotherapy_row_key, crt_min_cycles
)

select * from judged
