-- One row per R3 parameter set, patient, day and kind of progression after the index date.
-- R5.3, R6.2: RECIST progressions of the patient's one chosen source; relapses, clinical progressions and progressions
-- dated to a month as they are in every stream.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

of_the_stream as (
    select
        index_dates.param_set_id,
        found.centre_id,
        found.patient_key,
        found.progression_date,
        found.progression_kind,
        found.event_flag,
        found.row_key,
        found.source_table,
        found.source_file,
        found.source_row
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join {{ ref('int_progressions') }} as found
        on
            upstream.upstream_param_set_id = found.param_set_id
            and index_dates.centre_id = found.centre_id
            and index_dates.patient_key = found.patient_key
            and index_dates.index_date < found.progression_date
    where found.progression_kind <> 'RECIST_PD' or found.event_flag <> ''
),

of_the_reader as (
    select
        param_set_id,
        centre_id,
        patient_key,
        response_date as progression_date,
        'RECIST_PD' as progression_kind,
        '' as event_flag,
        row_key,
        source_table,
        source_file,
        source_row
    from {{ ref('int_assessments_after_index') }}
    where is_progression
),

progressions as (
    select * from of_the_reader
    union all
    select of_the_stream.*
    from of_the_stream
    left join of_the_reader using (param_set_id, centre_id, patient_key, progression_date, progression_kind)
    where of_the_reader.param_set_id is null
)

select * from progressions
