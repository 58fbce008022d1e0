-- One row per R6 parameter set, patient and day that proves the patient alive.
-- R6.3, R0.4: visits, specimens, administrations, imaging, calls, a progression and the index date itself; a proof
-- after the cutoff proves life at the cutoff.
with followed as (select * from {{ ref('int_followed_patients') }}),

record_days as (select * from {{ ref('int_record_days') }} where proves_life),

progressions as (select * from {{ ref('int_progressions') }}),

proofs as (
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        {{ cut_at('record_days.record_date', 'followed.data_cutoff') }} as alive_date,
        record_days.source_table,
        record_days.source_file,
        record_days.source_row
    from followed
    inner join record_days
        on followed.centre_id = record_days.centre_id and followed.patient_key = record_days.patient_key
    union all
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        progressions.progression_date as alive_date,
        progressions.source_table,
        progressions.source_file,
        progressions.source_row
    from followed
    inner join progressions
        on
            followed.stream_param_set_id = progressions.param_set_id
            and followed.centre_id = progressions.centre_id
            and followed.patient_key = progressions.patient_key
    union all
    select param_set_id, centre_id, patient_key, index_date as alive_date, source_table, source_file, source_row
    from followed
),

days as (
    select
        param_set_id,
        centre_id,
        patient_key,
        alive_date,
        {{ value_of_first('source_table', '(source_table, source_file, source_row)') }} as source_table,
        {{ value_of_first('source_file', '(source_table, source_file, source_row)') }} as source_file,
        {{ value_of_first('source_row', '(source_table, source_file, source_row)') }} as source_row
    from proofs
    group by param_set_id, centre_id, patient_key, alive_date
)

select * from days
