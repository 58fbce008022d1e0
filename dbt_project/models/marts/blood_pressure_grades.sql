-- One row per study, variant and included patient.
-- R8.5: hypertension from blood pressures and from the drugs started for it, stored beside the reported events (B11).
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R8'),

grades as (select * from {{ ref('int_blood_pressure_grades') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        grades.baseline_date,
        grades.baseline_window_flag,
        grades.baseline_grade,
        grades.n_days,
        grades.highest_grade,
        grades.highest_date,
        grades.persistent_grade,
        grades.derived_grade,
        grades.grade_flag,
        grades.te_hypertension_flag,
        grades.n_agents_at_baseline,
        grades.n_agents_started,
        grades.treatment_date,
        grades.treatment_grade,
        grades.hypertension_grade,
        grades.source_table,
        grades.source_file,
        grades.source_row
    from included
    inner join grades
        on
            included.param_set_id = grades.param_set_id
            and included.centre_id = grades.centre_id
            and included.patient_key = grades.patient_key
)

select * from published
