-- One row per R8 parameter set, laboratory result and CTCAE term of its test.
-- R8.4, R8.5: final grades (a 24 h collection overrides the dipsticks near it), the grade at baseline, whether the
-- result is emergent, and the worst after the index date by test and term.
with graded as (
    select
        * exclude (grade, reason_null),
        grade as number_grade,
        reason_null as number_reason_null
    from {{ ref('int_lab_grades') }}
),

parameters as (select param_set_id, upro_override_days from {{ ref('int_parameters_r8') }}),

thyroid as (select * from {{ ref('int_thyroid_grades') }}),

collections as (
    select param_set_id, centre_id, patient_key, ctcae_term, specimen_date, number_grade as grade
    from graded
    where test = 'UPRO24' and number_grade is not null
),

overrides as (
    select
        graded.param_set_id,
        graded.row_key,
        graded.ctcae_term,
        {{ value_of_first(
            'collections.grade',
            '(abs(' ~ days_between('graded.specimen_date', 'collections.specimen_date') ~ '), -collections.grade)'
        ) }} as grade
    from graded
    inner join parameters on graded.param_set_id = parameters.param_set_id
    inner join collections
        on
            graded.param_set_id = collections.param_set_id
            and graded.centre_id = collections.centre_id
            and graded.patient_key = collections.patient_key
            and graded.ctcae_term = collections.ctcae_term
    where
        graded.test = 'UPRO_DIP'
        and abs({{ days_between('graded.specimen_date', 'collections.specimen_date') }})
        <= parameters.upro_override_days
    group by graded.param_set_id, graded.row_key, graded.ctcae_term
),

settled as (
    select
        graded.*,
        coalesce(overrides.grade, thyroid.grade, graded.number_grade) as grade,
        case when overrides.grade is null then graded.number_reason_null end as reason_null,
        concat_ws(
            ',',
            case when graded.is_base_missing then 'BASELINE_MISSING' end,
            nullif(graded.base_flag, ''),
            case when overrides.grade is not null then 'BY_24H_COLLECTION' end,
            nullif(thyroid.grade_flags, '')
        ) as grade_flags,
        graded.specimen_date > graded.index_date as is_post_baseline,
        case when graded.row_key = graded.base_row_key then 'Y' else 'N' end as baseline_flag
    from graded
    left join overrides
        on
            graded.param_set_id = overrides.param_set_id
            and graded.row_key = overrides.row_key
            and graded.ctcae_term = overrides.ctcae_term
    left join thyroid
        on
            graded.param_set_id = thyroid.param_set_id
            and graded.row_key = thyroid.row_key
            and graded.ctcae_term = thyroid.ctcae_term
),

compared as (
    select
        *,
        max(case when specimen_date = base_date then grade end) over (
            partition by param_set_id, centre_id, patient_key, test, ctcae_term
        ) as base_grade,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, test, ctcae_term
            order by is_post_baseline and grade is not null desc nulls last, grade desc, specimen_date asc, row_key asc
        ) as worst_number
    from settled
),

flagged as (
    select
        * exclude (worst_number),
        case
            when not is_post_baseline then 'N'
            when grade is null then null
            when grade = 0 or grade <= base_grade then 'N'
            when ctcae_term = 'Hypothyroidism' and base_grade > 0 then 'N'
            when base_grade is not null or is_base_missing then 'Y'
        end as emergent_flag,
        case when worst_number = 1 and is_post_baseline and grade is not null then 'Y' else 'N' end as worst_flag
    from compared
)

select * from flagged
