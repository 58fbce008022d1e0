-- One row per R5 parameter set, patient with an index date and source of responses.
-- R5.4: best response is judged up to the source's first progression, the start of another therapy (that day included)
-- or the cutoff, whichever comes first; a patient without any source has one row of reader NONE.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R3'
),

param_sets as (select param_set_id, rt_to_target_ends_window from {{ ref('int_parameters_r5') }}),

radiotherapies as (select * from {{ ref('int_target_radiotherapies') }}),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date, data_cutoff
    from {{ ref('int_index') }}
    where index_date is not null
),

readers as (select * from {{ ref('int_index_readers') }}),

first_progressions as (
    select param_set_id, centre_id, patient_key, reader, min(response_date) as pd_date
    from {{ ref('int_reader_assessments') }}
    where is_progression
    group by param_set_id, centre_id, patient_key, reader
),

new_therapies as (
    select param_set_id, centre_id, patient_key, min(therapy_date) as therapy_date
    from {{ ref('int_new_therapy_dates') }}
    where is_counted
    group by param_set_id, centre_id, patient_key
),

bounds as (
    select
        param_sets.param_set_id,
        index_dates.param_set_id as cohort_param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        coalesce(readers.reader, 'NONE') as reader,
        readers.reader_kind,
        readers.lesion_reader,
        coalesce(readers.choice_no, 1) as choice_no,
        index_dates.index_date,
        index_dates.data_cutoff,
        first_progressions.pd_date,
        new_therapies.therapy_date,
        radiotherapies.radiotherapy_date,
        case when param_sets.rt_to_target_ends_window = 'Y' then radiotherapies.radiotherapy_date end
            as ending_radiotherapy_date
    from param_sets
    inner join upstream on param_sets.param_set_id = upstream.param_set_id
    inner join index_dates on upstream.upstream_param_set_id = index_dates.param_set_id
    left join readers
        on
            index_dates.param_set_id = readers.param_set_id
            and index_dates.centre_id = readers.centre_id
            and index_dates.patient_key = readers.patient_key
    left join first_progressions
        on
            readers.param_set_id = first_progressions.param_set_id
            and readers.centre_id = first_progressions.centre_id
            and readers.patient_key = first_progressions.patient_key
            and readers.reader = first_progressions.reader
    left join radiotherapies
        on
            readers.param_set_id = radiotherapies.param_set_id
            and readers.centre_id = radiotherapies.centre_id
            and readers.patient_key = radiotherapies.patient_key
            and readers.lesion_reader = radiotherapies.reader
    left join new_therapies
        on
            param_sets.param_set_id = new_therapies.param_set_id
            and index_dates.centre_id = new_therapies.centre_id
            and index_dates.patient_key = new_therapies.patient_key
),

windows as (
    select
        *,
        least(pd_date, therapy_date, ending_radiotherapy_date, data_cutoff) as window_end_date,
        case
            when window_end_date is null then 'NO_END'
            when pd_date = window_end_date then 'PD'
            when therapy_date = window_end_date then 'NEW_THERAPY'
            when ending_radiotherapy_date = window_end_date then 'RADIOTHERAPY'
            else 'CUTOFF'
        end as window_end_reason
    from bounds
)

select * from windows
