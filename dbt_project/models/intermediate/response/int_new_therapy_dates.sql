-- One row per R3 parameter set and patient who began another anticancer therapy after the index date.
-- R6.2: the earliest start of a drug outside the index line's regimen, of curative surgery, or of radiotherapy to the
-- tumour; palliative radiotherapy to bone does not count.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

episodes as (
    select *
    from {{ ref('int_exposure_episodes') }}
    where counts_in_lot = 'Y' and coalesce(local_route, 'N') = 'N'
),

index_drugs as (
    select distinct
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        episodes.drug_key
    from index_dates
    inner join {{ ref('int_line_episodes') }} as line_episodes
        on
            index_dates.lines_param_set_id = line_episodes.param_set_id
            and index_dates.centre_id = line_episodes.centre_id
            and index_dates.patient_key = line_episodes.patient_key
            and index_dates.index_line_seq = line_episodes.line_seq
    inner join episodes
        on
            line_episodes.param_set_id = episodes.param_set_id
            and line_episodes.centre_id = episodes.centre_id
            and line_episodes.patient_key = episodes.patient_key
            and line_episodes.episode_id = episodes.episode_id
),

drug_starts as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        episodes.start_date as therapy_date,
        coalesce(episodes.start_flag, '') as therapy_date_flag,
        'NEW_DRUG' as therapy_kind,
        'drug_row' as source_table,
        episodes.first_row_key as row_key,
        episodes.first_source_file as source_file,
        episodes.first_source_row as source_row
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join episodes
        on
            upstream.upstream_param_set_id = episodes.param_set_id
            and index_dates.centre_id = episodes.centre_id
            and index_dates.patient_key = episodes.patient_key
            and index_dates.index_date < episodes.start_date
    left join index_drugs
        on
            index_dates.param_set_id = index_drugs.param_set_id
            and index_dates.centre_id = index_drugs.centre_id
            and index_dates.patient_key = index_drugs.patient_key
            and episodes.drug_key = index_drugs.drug_key
    where index_drugs.drug_key is null
),

procedure_starts as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        operations.start_lo as therapy_date,
        case when operations.start_precision = 'D' then '' else 'D' end as therapy_date_flag,
        case when operations.kind = 'RT' then 'RADIOTHERAPY' else 'SURGERY' end as therapy_kind,
        'procedure' as source_table,
        operations.row_key,
        operations.source_file,
        operations.source_row
    from index_dates
    inner join {{ ref('stg_procedure') }} as operations
        on
            index_dates.centre_id = operations.centre_id
            and index_dates.patient_key = operations.patient_key
            and index_dates.index_date < operations.start_lo
    where
        {{ by_cutoff('operations.start_lo', 'index_dates.data_cutoff') }}
        and (
            operations.kind = 'SURGERY_CURATIVE'
            or (
                operations.kind = 'RT'
                and (
                    coalesce(operations.target_site, '') <> 'BONE'
                    or coalesce(operations.intent, 'PALLIATIVE') <> 'PALLIATIVE'
                )
            )
        )
),

starts as (
    select * from drug_starts
    union all
    select * from procedure_starts
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key order by therapy_date, therapy_kind, row_key
        ) as start_number
    from starts
),

first_starts as (select * from ordered where start_number = 1)

select * from first_starts
