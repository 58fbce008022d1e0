-- One row per R3 parameter set, patient, reader and recorded assessment after the index date.
-- R5.1: the time point of the same reader's lesions that the assessment is about: the one of the same label, else the
-- nearest inside the time point window; none where no lesions were read then, or another assessment is nearer.
{%- set reader = ['param_set_id', 'centre_id', 'patient_key'] %}
with assessments as (select * from {{ ref('int_index_assessments') }} where reader_kind <> 'DERIVED'),

timepoints as (select * from {{ ref('int_index_responses') }} where not is_baseline),

candidates as (
    select
        {{ columns_of('assessments', reader) }},
        assessments.reader,
        assessments.row_key,
        assessments.severity_rank,
        timepoints.tp_no,
        coalesce(assessments.tp_label = timepoints.tp_label, false) as is_same_label,
        abs({{ days_between('assessments.response_date', 'timepoints.response_date') }}) as distance_days
    from assessments
    inner join timepoints
        on
            {{ same('assessments', 'timepoints', reader) }}
            and assessments.reader = timepoints.reader
            and {{ days_after('timepoints.first_date', '-assessments.tp_window_days') }} <= assessments.response_date
            and {{ days_after('timepoints.last_date', 'assessments.tp_window_days') }} >= assessments.response_date
),

nearest as (
    select
        *,
        row_number() over (
            partition by {{ reader | join(', ') }}, row_key order by is_same_label desc, distance_days asc, tp_no asc
        ) as place
    from candidates
),

matched as (
    select
        *,
        row_number() over (
            partition by {{ reader | join(', ') }}, reader, tp_no
            order by is_same_label desc, distance_days asc, severity_rank asc, row_key asc
        ) as place_at_timepoint
    from nearest
    where place = 1
),

recorded as (
    select
        assessments.*,
        matched.tp_no
    from assessments
    left join matched
        on
            {{ same('assessments', 'matched', reader) }}
            and assessments.reader = matched.reader
            and assessments.row_key = matched.row_key
            and matched.place_at_timepoint = 1
)

select * from recorded
