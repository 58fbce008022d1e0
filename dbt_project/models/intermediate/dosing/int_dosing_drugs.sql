-- One row per R7 parameter set, patient with an index date, index component and drug that served it in the index line.
-- R7, R0.4: doses count from the start of the index line to the day before the next line, the death or the cutoff; the
-- label dose is that of the drug table, all doses of a day together.
with upstream as (
    select sets.param_set_id, upstream.upstream_param_set_id as survival_param_set_id
    from {{ ref('int_parameters_r7') }} as sets
    inner join {{ source('protocol', 'param_set_upstream') }} as upstream
        on sets.param_set_id = upstream.param_set_id and upstream.upstream_family = 'R6'
),

index_lines as (select * from {{ ref('int_index_lines') }}),

next_lines as (
    select param_set_id, centre_id, patient_key, line_seq, start_date from {{ ref('int_lines_of_therapy') }}
),

line_episodes as (
    select param_set_id, centre_id, patient_key, line_seq, episode_id from {{ ref('int_line_episodes') }}
),

serving as (
    select param_set_id, component, centre_id, patient_key, episode_id, drug_key
    from {{ ref('int_index_component_episodes') }}
),

labels as (
    select
        drugs.drug_key,
        drugs.cycle_days as label_cycle_days,
        drugs.is_ici,
        drugs.dose_basis,
        case
            when drugs.dose_basis like 'mg flat%'
                then {{ dbt.safe_cast('drugs.std_dose', 'decimal(18, 4)') }} * coalesce(frequencies.doses_per_day, 1)
        end as label_mg
    from {{ ref('drugs') }} as drugs
    left join {{ ref('dose_frequencies') }} as frequencies
        on drugs.schedule = frequencies.schedule_word or drugs.schedule like frequencies.schedule_word || ' %'
),

periods as (
    select
        upstream.param_set_id,
        index_lines.lines_param_set_id,
        observed.cohort_param_set_id,
        observed.centre_id,
        observed.patient_key,
        index_lines.index_line_seq,
        index_lines.index_line_start_date as first_date,
        least(
            {{ days_after('next_lines.start_date', '-1') }},
            case when not observed.is_open_ended then observed.last_counted_date end
        ) as last_date
    from {{ ref('int_observation_ends') }} as observed
    inner join upstream on observed.param_set_id = upstream.survival_param_set_id
    inner join index_lines
        on
            observed.cohort_param_set_id = index_lines.param_set_id
            and observed.centre_id = index_lines.centre_id
            and observed.patient_key = index_lines.patient_key
    left join next_lines
        on
            index_lines.lines_param_set_id = next_lines.param_set_id
            and index_lines.centre_id = next_lines.centre_id
            and index_lines.patient_key = next_lines.patient_key
            and index_lines.index_line_seq + 1 = next_lines.line_seq
),

component_drugs as (
    select distinct
        periods.*,
        serving.component,
        serving.drug_key
    from periods
    inner join line_episodes
        on
            periods.lines_param_set_id = line_episodes.param_set_id
            and periods.centre_id = line_episodes.centre_id
            and periods.patient_key = line_episodes.patient_key
            and periods.index_line_seq = line_episodes.line_seq
    inner join serving
        on
            periods.cohort_param_set_id = serving.param_set_id
            and line_episodes.centre_id = serving.centre_id
            and line_episodes.patient_key = serving.patient_key
            and line_episodes.episode_id = serving.episode_id
),

labelled as (
    select
        component_drugs.*,
        labels.label_mg,
        labels.label_cycle_days,
        labels.is_ici,
        labels.dose_basis
    from component_drugs
    inner join labels on component_drugs.drug_key = labels.drug_key
)

select * from labelled
