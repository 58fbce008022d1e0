-- One row per R3 parameter set, patient with an index date and reader with a baseline.
-- R5.1.3, R3.3: the baseline is the latest complete time point inside the imaging window up to the index date, one that
-- measures all targets of its course before one that does not; LATE where it is old. Its course lasts until a later one
-- starts.
{%- set reader = 'param_set_id, centre_id, patient_key, reader' %}
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

parameters as (select param_set_id, bl_imaging_before, bl_imaging_late_after from {{ ref('int_parameters_r3') }}),

index_dates as (
    select
        found.param_set_id,
        found.centre_id,
        found.patient_key,
        found.index_date,
        found.data_cutoff,
        upstream.upstream_param_set_id as stream_param_set_id,
        {{ days_after('found.index_date', '-parameters.bl_imaging_before') }} as window_start_date,
        {{ days_after('found.index_date', '-parameters.bl_imaging_late_after') }} as timely_from_date
    from {{ ref('int_index') }} as found
    inner join parameters on found.param_set_id = parameters.param_set_id
    inner join upstream on found.param_set_id = upstream.param_set_id
    where found.index_date is not null
),

timepoints as (
    select
        index_dates.param_set_id,
        index_dates.stream_param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        index_dates.data_cutoff,
        index_dates.window_start_date,
        index_dates.timely_from_date,
        timepoints.reader,
        timepoints.tp_no,
        timepoints.first_date,
        timepoints.assessed_date,
        timepoints.is_complete,
        timepoints.has_all_targets,
        timepoints.starts_course,
        timepoints.has_pet
    from index_dates
    inner join {{ ref('int_lesion_timepoints') }} as timepoints
        on
            index_dates.stream_param_set_id = timepoints.param_set_id
            and index_dates.centre_id = timepoints.centre_id
            and index_dates.patient_key = timepoints.patient_key
),

baselines as (
    select
        *,
        row_number() over (
            partition by {{ reader }} order by has_all_targets desc, assessed_date desc, tp_no desc
        ) as place
    from timepoints
    where is_complete and assessed_date between window_start_date and index_date
),

ends as (
    select
        {{ reader }},
        min(case when starts_course and first_date > index_date then tp_no end) as next_start_no,
        max(tp_no) as latest_no
    from timepoints
    group by {{ reader }}
),

courses as (
    select
        baselines.param_set_id,
        baselines.stream_param_set_id,
        baselines.centre_id,
        baselines.patient_key,
        baselines.reader,
        baselines.index_date,
        baselines.data_cutoff,
        baselines.tp_no as baseline_no,
        coalesce(ends.next_start_no - 1, ends.latest_no) as last_no,
        baselines.assessed_date as baseline_date,
        case when baselines.assessed_date < baselines.timely_from_date then 'LATE' else '' end as baseline_flag,
        baselines.has_pet as has_baseline_pet
    from baselines
    inner join ends using ({{ reader }})
    where baselines.place = 1
)

select * from courses
