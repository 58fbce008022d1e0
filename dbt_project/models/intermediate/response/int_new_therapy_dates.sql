-- One row per R5 parameter set, patient and start of another anticancer therapy after the index date.
-- R5.4, R6.2: a drug outside the index line's regimen, or a procedure of the kinds that the study names; palliative
-- radiotherapy to bone without progression is kept but does not count, unless the study says so.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

parameters as (select param_set_id, nact_procedures, nact_bone_rt_counts from {{ ref('int_parameters_r5') }}),

index_dates as (
    select
        parameters.*,
        lines_set.upstream_param_set_id as lines_param_set_id,
        stream_set.upstream_param_set_id as stream_param_set_id,
        cohort.centre_id,
        cohort.patient_key,
        cohort.index_date,
        cohort.index_line_seq,
        cohort.data_cutoff
    from parameters
    inner join upstream as cohort_set
        on parameters.param_set_id = cohort_set.param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as lines_set
        on parameters.param_set_id = lines_set.param_set_id and lines_set.upstream_family = 'R2'
    inner join upstream as stream_set
        on parameters.param_set_id = stream_set.param_set_id and stream_set.upstream_family = 'RS'
    inner join {{ ref('int_index') }} as cohort on cohort_set.upstream_param_set_id = cohort.param_set_id
    where cohort.index_date is not null
),

episodes as (
    select * exclude (param_set_id), param_set_id as lines_param_set_id
    from {{ ref('int_exposure_episodes') }}
    where counts_in_lot = 'Y' and coalesce(local_route, 'N') = 'N'
),

index_drugs as (
    select distinct index_dates.param_set_id, index_dates.centre_id, index_dates.patient_key, episodes.drug_key
    from index_dates
    inner join {{ ref('int_line_episodes') }} as line_episodes
        on
            index_dates.lines_param_set_id = line_episodes.param_set_id
            and index_dates.centre_id = line_episodes.centre_id
            and index_dates.patient_key = line_episodes.patient_key
            and index_dates.index_line_seq = line_episodes.line_seq
    inner join episodes
        on
            line_episodes.param_set_id = episodes.lines_param_set_id
            and line_episodes.centre_id = episodes.centre_id
            and line_episodes.patient_key = episodes.patient_key
            and line_episodes.episode_id = episodes.episode_id
),

progressed as (
    select index_dates.param_set_id, centre_id, patient_key, min(progressions.progression_date) as progression_date
    from index_dates
    inner join {{ ref('int_progressions') }} as progressions using (centre_id, patient_key)
    where
        index_dates.stream_param_set_id = progressions.param_set_id
        and index_dates.index_date < progressions.progression_date
    group by index_dates.param_set_id, centre_id, patient_key
),

drug_starts as (
    select
        {{ keys }}, episodes.start_date as therapy_date, coalesce(episodes.start_flag, '') as therapy_date_flag,
        'NEW_DRUG' as therapy_kind, drug_key as therapy, true as is_counted, 'drug_row' as source_table,
        episodes.first_row_key as row_key, episodes.first_source_file as source_file,
        episodes.first_source_row as source_row
    from index_dates
    inner join episodes using (lines_param_set_id, centre_id, patient_key)
    left join index_drugs using ({{ keys }}, drug_key)
    where index_dates.index_date < episodes.start_date and index_drugs.param_set_id is null
),

procedure_starts as (
    select
        {{ keys }}, operations.start_lo as therapy_date,
        {{ imputation_flag('operations.start_precision', 'operations.start_lo') }} as therapy_date_flag,
        case
            when operations.kind = 'RT' then 'RADIOTHERAPY'
            when operations.kind like 'SURGERY%' then 'SURGERY'
            else operations.kind
        end as therapy_kind,
        operations.kind as therapy,
        index_dates.nact_bone_rt_counts = 'Y'
        or operations.kind <> 'RT'
        or coalesce(operations.target_site, '') <> 'BONE'
        or coalesce(operations.intent, 'PALLIATIVE') <> 'PALLIATIVE'
        or coalesce(progressed.progression_date <= operations.start_lo, false) as is_counted,
        'procedure' as source_table, operations.row_key, operations.source_file, operations.source_row
    from index_dates
    inner join {{ ref('stg_procedure') }} as operations using (centre_id, patient_key)
    left join progressed using ({{ keys }})
    where
        index_dates.index_date < operations.start_lo
        and {{ by_cutoff('operations.start_lo', 'index_dates.data_cutoff') }}
        and '|' || index_dates.nact_procedures || '|' like '%|' || operations.kind || '|%'
),

starts as (
    select * from drug_starts
    union all
    select * from procedure_starts
)

select * from starts
