-- One row per RS parameter set, patient, reader and time point.
-- R5.1: when it was, what it holds, and whether a lesion course starts at it: a time point labelled as baseline, the
-- first with target or non-target lesions, or, where no label speaks, one whose targets are all new; and whether it
-- measures all targets of its course (R5.2: a missing row is a missing value).
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
{%- set reader = keys | join(', ') %}
with parameters as (select param_set_id, tp_window_days from {{ ref('int_parameters_rs') }}),

baseline_labels as (select label from {{ ref('baseline_labels') }}),

timepoints as (
    select {{ reader }}, tp_no, max(tp_label) as tp_label, min(scan_date) as first_date, max(scan_date) as last_date
    from {{ ref('int_reading_days') }}
    group by {{ reader }}, tp_no
),

lesions as (
    select *, min(tp_no) over (partition by {{ reader }}, lesion_id, role) as first_no
    from {{ ref('int_lesion_values') }}
),

contents as (
    select
        {{ reader }}, tp_no,
        count(*) filter (where role = 'TARGET') as n_targets,
        count(*) filter (where role = 'TARGET' and value_mm is null) as n_targets_missing,
        count(*) filter (where role = 'NONTARGET') as n_nontargets,
        count(*) filter (where role = 'NONTARGET' and nontarget_state = 'NE') as n_nontargets_missing,
        count(*) filter (where role = 'TARGET' and first_no < tp_no) as n_targets_known,
        max(case when role = 'TARGET' then last_date end) as last_target_date,
        {{ value_of_first('row_key', 'row_key') }} as row_key
    from lesions
    group by {{ reader }}, tp_no
),

pet_days as (
    select distinct centre_id, patient_key, scan_lo as scan_date
    from {{ ref('stg_scan') }}
    where modality = 'PET' and scan_precision = 'D'
),

with_pet as (
    select distinct timepoints.{{ keys | join(', timepoints.') }}, timepoints.tp_no
    from timepoints
    inner join parameters on timepoints.param_set_id = parameters.param_set_id
    inner join pet_days
        on
            {{ same('timepoints', 'pet_days', ['centre_id', 'patient_key']) }}
            and {{ days_after('timepoints.first_date', '-parameters.tp_window_days') }} <= pet_days.scan_date
            and {{ days_after('timepoints.last_date', 'parameters.tp_window_days') }} >= pet_days.scan_date
),

described as (
    select
        timepoints.*,
        contents.n_targets,
        contents.n_targets_known,
        contents.row_key,
        coalesce(contents.last_target_date, timepoints.last_date) as assessed_date,
        contents.n_targets + contents.n_nontargets > 0 as has_disease_rows,
        contents.n_targets_missing = 0
        and contents.n_targets + contents.n_nontargets > contents.n_nontargets_missing as is_complete,
        with_pet.tp_no is not null as has_pet,
        baseline_labels.label is not null as is_labelled_baseline,
        bool_or(baseline_labels.label is not null) over (partition by {{ columns_of('timepoints', keys) }})
            as has_labelled_baseline
    from timepoints
    inner join contents using ({{ reader }}, tp_no)
    left join with_pet using ({{ reader }}, tp_no)
    left join baseline_labels on timepoints.tp_label = baseline_labels.label
),

started as (
    select
        *,
        has_disease_rows and (
            is_labelled_baseline
            or (
                (tp_label is null or not has_labelled_baseline)
                and (
                    row_number() over (partition by {{ reader }}, has_disease_rows order by tp_no) = 1
                    or (n_targets > 0 and n_targets_known = 0)
                )
            )
        ) as starts_course
    from described
),

courses as (
    select
        *,
        sum(case when starts_course then 1 else 0 end) over (partition by {{ reader }} order by tp_no) as course_no
    from started
),

course_targets as (
    select {{ columns_of('courses', keys) }}, courses.course_no, lesions.lesion_id
    from courses
    inner join lesions using ({{ reader }}, tp_no)
    where courses.starts_course and lesions.role = 'TARGET'
),

measured as (
    select {{ columns_of('courses', keys) }}, courses.tp_no, count(*) as n_course_targets
    from courses
    inner join lesions using ({{ reader }}, tp_no)
    inner join course_targets using ({{ reader }}, course_no, lesion_id)
    where lesions.value_mm is not null
    group by {{ columns_of('courses', keys) }}, courses.tp_no
)

select
    courses.*,
    coalesce(measured.n_course_targets, 0)
    = max(case when courses.starts_course then courses.n_targets else 0 end) over (
        partition by {{ columns_of('courses', keys) }}, courses.course_no
    ) as has_all_targets
from courses
left join measured using ({{ reader }}, tp_no)
