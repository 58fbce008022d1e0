-- One row per R3 parameter set, patient and reader one of whose target lesions was irradiated after the index date.
-- R5.4: the first radiotherapy to the organ of a target of the index date's baseline; both of a pair and all nodes are
-- one organ, as for the choice of targets.
with courses as (select * from {{ ref('int_index_courses') }}),

targets as (select * from {{ ref('int_target_candidates') }}),

organs as (select * from {{ ref('lesion_organs') }}),

radiotherapies as (
    select
        procedures.centre_id,
        procedures.patient_key,
        procedures.start_lo,
        organs.counted_as,
        procedures.row_key,
        procedures.source_file,
        procedures.source_row
    from {{ ref('stg_procedure') }} as procedures
    inner join organs on procedures.target_site = organs.organ
    where procedures.kind = 'RT'
),

irradiated as (
    select
        courses.param_set_id,
        courses.centre_id,
        courses.patient_key,
        courses.reader,
        targets.lesion_id,
        radiotherapies.start_lo as radiotherapy_date,
        radiotherapies.row_key,
        radiotherapies.source_file,
        radiotherapies.source_row,
        row_number() over (
            partition by courses.param_set_id, courses.centre_id, courses.patient_key, courses.reader
            order by radiotherapies.start_lo, radiotherapies.row_key, targets.lesion_id
        ) as place
    from courses
    inner join targets
        on
            courses.stream_param_set_id = targets.param_set_id
            and courses.centre_id = targets.centre_id
            and courses.patient_key = targets.patient_key
            and courses.reader = targets.reader
            and courses.baseline_no = targets.tp_no
    inner join radiotherapies
        on
            courses.centre_id = radiotherapies.centre_id
            and courses.patient_key = radiotherapies.patient_key
            and targets.counted_organ = radiotherapies.counted_as
            and courses.index_date < radiotherapies.start_lo
    where {{ by_cutoff('radiotherapies.start_lo', 'courses.data_cutoff') }}
),

first_ones as (select * from irradiated where place = 1)

select * from first_ones
