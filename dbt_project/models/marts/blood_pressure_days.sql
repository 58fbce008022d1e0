-- One row per study, variant, included patient and day with a blood pressure.
-- R8.5: the day's median and its grade, the worse of systolic and diastolic.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R8'),

days as (select * from {{ ref('int_blood_pressure_days') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        days.specimen_date,
        days.sbp,
        days.dbp,
        days.n_readings,
        days.grade,
        days.is_post_baseline,
        days.baseline_flag,
        days.window_flag,
        days.source_table,
        days.source_file,
        days.source_row
    from included
    inner join days
        on
            included.param_set_id = days.param_set_id
            and included.centre_id = days.centre_id
            and included.patient_key = days.patient_key
)

select * from published
