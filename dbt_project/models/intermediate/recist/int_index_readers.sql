-- One row per R3 parameter set, patient and source of responses after the index date.
-- R5.3: one source counts for the whole patient, the first of the list; an independent reader only if it covers the
-- first two time points after the index date, whoever read them.
{%- set patient = 'param_set_id, centre_id, patient_key' %}
with reading_days as (
    select distinct {{ patient }}, reader, reader_kind, is_independent, reader_rank, response_date, tp_window_days
    from {{ ref('int_index_assessments') }}
),

ordered_days as (
    select *, lag(response_date) over (partition by {{ patient }} order by response_date) as day_before
    from reading_days
),

clustered as (
    select
        *,
        sum(case when response_date <= {{ days_after('day_before', 'tp_window_days') }} then 0 else 1 end) over (
            partition by {{ patient }} order by response_date
        ) as tp_no
    from ordered_days
),

first_timepoints as (
    select {{ patient }}, tp_no
    from clustered
    where tp_no <= 2
    group by {{ patient }}, tp_no
),

readers as (
    select distinct {{ patient }}, reader, reader_kind, is_independent, reader_rank
    from reading_days
),

covers as (
    select
        readers.*,
        count(distinct first_timepoints.tp_no) = count(distinct clustered.tp_no) as covers_first_timepoints
    from readers
    inner join first_timepoints using ({{ patient }})
    left join clustered
        on
            readers.param_set_id = clustered.param_set_id
            and readers.centre_id = clustered.centre_id
            and readers.patient_key = clustered.patient_key
            and readers.reader = clustered.reader
            and first_timepoints.tp_no = clustered.tp_no
    group by all
),

chosen as (
    select
        *,
        case when is_independent then 'IND' else 'INV' end as lesion_reader,
        row_number() over (
            partition by {{ patient }}
            order by is_independent and not covers_first_timepoints, reader_rank, reader
        ) as choice_no
    from covers
)

select * from chosen
