-- One row per study, variant, included patient, laboratory result and CTCAE term of its test.
-- R8.4, R8.5: grades from numbers, stored beside the reported adverse events and never among them (B10); a result that
-- cannot be graded has no grade and the reason.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R8'),

parameters as (select param_set_id, ctcae_version from {{ ref('int_parameters_r8') }}),

grades as (select * from {{ ref('int_laboratory_grades') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        grades.row_key,
        grades.test,
        grades.ctcae_term,
        grades.direction,
        parameters.ctcae_version,
        grades.specimen_date,
        grades.value_text,
        cast(grades.value as decimal(28, 10)) as value,
        grades.value_flag,
        grades.unit,
        cast(grades.uln as decimal(28, 10)) as uln,
        cast(grades.lln as decimal(28, 10)) as lln,
        grades.grade,
        grades.reason_null,
        grades.baseline_flag,
        grades.base_date,
        cast(grades.base as decimal(28, 10)) as base,
        grades.base_grade,
        grades.is_post_baseline,
        grades.emergent_flag,
        grades.worst_flag,
        grades.grade_flags,
        case
            when grades.numeric_in_ctcae = 'Y' and grades.has_clinical_part = 'N' then 'Y' else 'N'
        end as is_numeric_alone,
        grades.source_table,
        grades.source_file,
        grades.source_row
    from included
    inner join parameters on included.param_set_id = parameters.param_set_id
    inner join grades
        on
            included.param_set_id = grades.param_set_id
            and included.centre_id = grades.centre_id
            and included.patient_key = grades.patient_key
)

select * from published
