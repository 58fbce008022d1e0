-- One row per R5 parameter set, patient with an index date and source of responses.
-- R5.5: the smallest complete target sum after baseline, up to the first progression and the switch of therapy; where
-- there is none, why not. R3.3: LATE where the baseline, or without one the latest imaging before index, is old.
with windows as (select * from {{ ref('int_response_windows') }}),

courses as (select * from {{ ref('int_index_courses') }}),

imaging as (select * from {{ ref('int_baseline_imaging') }}),

timepoints as (select * from {{ ref('int_index_responses') }}),

sums as (
    select
        windows.param_set_id,
        windows.centre_id,
        windows.patient_key,
        windows.reader,
        max(timepoints.base_mm) as base_mm,
        count(case when timepoints.sum_mm is not null then 1 end) as n_complete_sums,
        {{ value_of_first('timepoints.sum_mm', '(timepoints.sum_mm, timepoints.tp_no)') }} as best_sum_mm,
        {{ value_of_first('timepoints.pct_base', '(timepoints.sum_mm, timepoints.tp_no)') }} as best_pct_base,
        {{ value_of_first(
            'case when timepoints.sum_mm is not null then timepoints.response_date end',
            '(timepoints.sum_mm, timepoints.tp_no)'
        ) }} as best_sum_date,
        bool_or(timepoints.tp_response = 'PD' and timepoints.new_lesion in ('UNEQUIVOCAL', 'CONFIRMED_LATER'))
            as has_new_lesion
    from windows
    inner join timepoints
        on
            windows.cohort_param_set_id = timepoints.param_set_id
            and windows.centre_id = timepoints.centre_id
            and windows.patient_key = timepoints.patient_key
            and windows.lesion_reader = timepoints.reader
            and windows.index_date < timepoints.response_date
    where
        not timepoints.is_baseline
        and timepoints.target_response <> 'NONE'
        and (windows.window_end_date is null or timepoints.first_date <= windows.window_end_date)
    group by windows.param_set_id, windows.centre_id, windows.patient_key, windows.reader
),

depths as (
    select
        windows.param_set_id,
        windows.cohort_param_set_id,
        windows.centre_id,
        windows.patient_key,
        windows.reader,
        windows.window_end_date,
        courses.baseline_date,
        courses.baseline_no is not null as has_baseline,
        coalesce(courses.baseline_date, imaging.image_date) as baseline_imaging_date,
        coalesce(courses.baseline_flag, imaging.image_flag) as baseline_flag,
        sums.base_mm,
        sums.best_sum_mm,
        sums.best_pct_base,
        sums.best_sum_date,
        coalesce(sums.has_new_lesion, false) as has_new_lesion,
        case
            when windows.reader = 'NONE' then 'NO_ASSESSMENT'
            when courses.baseline_no is null then 'NO_BASELINE'
            when sums.reader is null then 'NO_TARGET_ASSESSED'
            when sums.n_complete_sums = 0 then 'NO_COMPLETE_SUM'
            else 'MEASURED'
        end as depth_status
    from windows
    left join courses
        on
            windows.cohort_param_set_id = courses.param_set_id
            and windows.centre_id = courses.centre_id
            and windows.patient_key = courses.patient_key
            and windows.lesion_reader = courses.reader
    left join imaging
        on
            windows.cohort_param_set_id = imaging.param_set_id
            and windows.centre_id = imaging.centre_id
            and windows.patient_key = imaging.patient_key
    left join sums
        on
            windows.param_set_id = sums.param_set_id
            and windows.centre_id = sums.centre_id
            and windows.patient_key = sums.patient_key
            and windows.reader = sums.reader
)

select * from depths
