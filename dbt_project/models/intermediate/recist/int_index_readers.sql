-- One row per R3 parameter set, patient and source of responses after the index date.
-- R5.3: one source counts for the whole patient, the first of the list; an independent reader only with a baseline and
-- the first two time points after the index date, whoever read them. Who recorded no lesions after it has a baseline.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key'] %}
{%- set patient = keys | join(', ') %}
with reading_days as (
    select distinct
        {{ patient }}, reader, reader_kind, is_independent, reader_rank, index_date, response_date, tp_window_days
    from {{ ref('int_index_assessments') }}
),

first_days as (
    select {{ patient }}, min(response_date) as first_date from reading_days group by {{ patient }}
),

second_days as (
    select {{ columns_of('reading_days', keys) }}, min(reading_days.response_date) as first_date
    from reading_days
    inner join first_days using ({{ patient }})
    where reading_days.response_date > {{ days_after('first_days.first_date', 'reading_days.tp_window_days') }}
    group by {{ columns_of('reading_days', keys) }}
),

first_timepoints as (
    select * from first_days
    union all
    select * from second_days
),

independent_lesions as (
    select distinct upstream.param_set_id, lesions.centre_id, lesions.patient_key, lesions.first_date
    from {{ ref('int_lesion_timepoints') }} as lesions
    inner join {{ source('protocol', 'param_set_upstream') }} as upstream
        on lesions.param_set_id = upstream.upstream_param_set_id and upstream.upstream_family = 'RS'
    where lesions.reader = 'IND'
),

without_baseline as (
    select distinct {{ columns_of('reading_days', keys) }}, true as lacks_baseline
    from reading_days
    inner join independent_lesions as lesions
        on {{ same('reading_days', 'lesions', keys) }} and reading_days.index_date < lesions.first_date
    left join {{ ref('int_index_courses') }} as courses
        on {{ same('reading_days', 'courses', keys) }} and courses.reader = 'IND'
    where courses.reader is null
),

readers as (
    select distinct {{ patient }}, reader, reader_kind, is_independent, reader_rank, tp_window_days from reading_days
),

covered as (
    select readers.*, first_timepoints.first_date, bool_or(days.reader is not null) as is_read
    from readers
    inner join first_timepoints using ({{ patient }})
    left join reading_days as days
        on
            {{ same('readers', 'days', keys + ['reader']) }}
            and first_timepoints.first_date <= days.response_date
            and {{ days_after('first_timepoints.first_date', 'readers.tp_window_days') }} >= days.response_date
    group by all
),

covers as (
    select * exclude (first_date, is_read, tp_window_days), bool_and(is_read) as covers_first_timepoints
    from covered
    group by all
),

chosen as (
    select
        covers.*,
        case when covers.is_independent then 'IND' else 'INV' end as lesion_reader,
        row_number() over (
            partition by {{ columns_of('covers', keys) }}
            order by
                covers.is_independent
                and (not covers.covers_first_timepoints or coalesce(without_baseline.lacks_baseline, false)),
                covers.reader_rank,
                covers.reader
        ) as choice_no
    from covers
    left join without_baseline using ({{ patient }})
)

select * from chosen
