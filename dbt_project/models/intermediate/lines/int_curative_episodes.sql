-- One row per R2 parameter set, patient and episode of curative systemic therapy.
-- R2.5: before advanced disease, and meant as curative, near a curative resection, or beside definitive radiotherapy.
with episodes as (
    select *
    from {{ ref('int_exposure_episodes') }}
    where counts_in_lot = 'Y' and local_route = 'N'
),

parameters as (select * from {{ ref('int_parameters_r2') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

advanced as (
    select param_set_id, centre_id, patient_key, event_date as advanced_date
    from {{ ref('int_line_events') }}
    where event_kind = 'ADVANCED'
),

local_treatments as (
    select
        centre_id,
        patient_key,
        kind,
        intent,
        dose_gy,
        start_lo,
        start_hi,
        coalesce(end_lo, start_lo) as end_lo
    from {{ ref('stg_procedure') }}
    where kind in ('SURGERY_CURATIVE', 'RT')
),

placed as (
    select
        episodes.param_set_id,
        episodes.centre_id,
        episodes.patient_key,
        episodes.episode_id,
        coalesce(episodes.intent in ('CURATIVE', 'NEOADJUVANT', 'ADJUVANT', 'DEFINITIVE'), false) as is_meant_curative,
        coalesce(
            local_treatments.kind = 'SURGERY_CURATIVE'
            and local_treatments.start_lo >= episodes.start_date
            and {{ days_after('episodes.last_dose_date', 'parameters.neoadj_to_surgery_max_days') }}
            >= local_treatments.start_hi,
            false
        ) as is_before_resection,
        coalesce(
            local_treatments.kind = 'SURGERY_CURATIVE'
            and local_treatments.start_hi <= episodes.start_date
            and {{ days_after('local_treatments.start_lo', 'parameters.adj_start_max_days') }} >= episodes.start_date,
            false
        ) as is_after_resection,
        coalesce(
            local_treatments.kind = 'RT'
            and local_treatments.intent in ('CURATIVE', 'DEFINITIVE')
            and local_treatments.dose_gy >= parameters.definitive_rt_min_gy
            and local_treatments.start_lo <= episodes.covered_through_date
            and local_treatments.end_lo >= episodes.start_date,
            false
        ) as is_beside_radiotherapy
    from episodes
    inner join parameters on episodes.param_set_id = parameters.param_set_id
    inner join cutoffs on episodes.param_set_id = cutoffs.param_set_id and episodes.centre_id = cutoffs.centre_id
    left join advanced
        on
            episodes.param_set_id = advanced.param_set_id
            and episodes.centre_id = advanced.centre_id
            and episodes.patient_key = advanced.patient_key
    left join local_treatments
        on
            episodes.centre_id = local_treatments.centre_id
            and episodes.patient_key = local_treatments.patient_key
            and {{ open_end('cutoffs.data_cutoff') }} >= local_treatments.start_lo
    where advanced.advanced_date is null or episodes.start_date < advanced.advanced_date
),

curative as (
    select distinct param_set_id, centre_id, patient_key, episode_id
    from placed
    where is_meant_curative or is_before_resection or is_after_resection or is_beside_radiotherapy
)

select * from curative
