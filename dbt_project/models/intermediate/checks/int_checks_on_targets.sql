-- One row per check, RS parameter set and target lesion, or assessment read twice, that the check looked at.
-- R10: targets that the baseline does not have (DQ018), that are too small, too many or in the wall of a hollow organ
-- (DQ048-DQ050); recorded responses that the lesions contradict (DQ077, by R3 and R5 parameter set).
{{ config(materialized='view') }}
{%- set course = 'param_set_id, centre_id, patient_key, reader' %}

with courses as (select {{ course }}, course_no, baseline_no, last_no from {{ ref('int_lesion_courses') }}),

baseline_targets as (
    select
        candidates.*,
        courses.course_no,
        ',' || candidates.target_problems || ',' as problems
    from {{ ref('int_target_candidates') }} as candidates
    inner join courses using ({{ course }})
    where candidates.tp_no = courses.baseline_no
),

later_targets as (
    select
        {{ course }},
        lesions.row_key,
        baseline_targets.lesion_id is null as is_unknown
    from {{ ref('int_lesion_values') }} as lesions
    inner join courses using ({{ course }})
    left join baseline_targets using ({{ course }}, course_no, lesion_id)
    where lesions.role = 'TARGET' and lesions.tp_no > courses.baseline_no and lesions.tp_no <= courses.last_no
),

targets as (
    select {{ course }}, row_key, 'DQ018' as check_id, is_unknown as is_failed from later_targets
    union all
    select {{ course }}, row_key, 'DQ048' as check_id, problems like '%,TOO_SMALL,%' as is_failed
    from baseline_targets
    where value_mm is not null
    union all
    select {{ course }}, row_key, 'DQ049' as check_id, problems like '%,TOO_MANY%' as is_failed from baseline_targets
    union all
    select
        {{ course }}, row_key, 'DQ050' as check_id,
        problems like '%,NOT_MEASURABLE_SITE,%' and counted_organ in ('ESOPHAGUS', 'STOMACH') as is_failed
    from baseline_targets
),

best_responses as (
    select
        {{ course }},
        max(case when reader_kind <> 'DERIVED' then bor end) as recorded_bor,
        max(case when reader_kind = 'DERIVED' then bor end) as derived_bor,
        max(case when reader_kind <> 'DERIVED' then source_file end) as source_file,
        max(case when reader_kind <> 'DERIVED' then source_row end) as source_row
    from (
        select * replace (lesion_reader as reader)
        from {{ ref('int_reader_best_responses') }}
        where lesion_reader is not null and bor not in ('NE', 'MISSING')
    ) as judged
    group by {{ course }}
),

looked_at as (
    select
        targets.check_id, 'lesion' as table_name, targets.centre_id, targets.patient_key, targets.row_key,
        lesions.source_file, lesions.source_row, targets.param_set_id, targets.is_failed
    from targets
    inner join {{ ref('stg_lesion') }} as lesions
        on targets.centre_id = lesions.centre_id and targets.row_key = lesions.row_key
    union all
    select
        'DQ077' as check_id, 'response' as table_name, centre_id, patient_key, row_key, source_file, source_row,
        param_set_id, (recorded_response = 'PD') <> (tp_response = 'PD') as is_failed
    from {{ ref('int_tumour_timepoints') }}
    where recorded_response <> 'NE' and tp_response <> 'NE'
    union all
    select
        'DQ077' as check_id, 'response' as table_name, centre_id, patient_key, null as row_key, source_file,
        source_row, param_set_id, recorded_bor <> derived_bor as is_failed
    from best_responses
)

select * from looked_at where is_failed is not null
