-- One row per R3 parameter set, patient, reader and time point from the baseline on, or recorded assessment by itself.
-- R5.3: what the lesions say beside what the reader recorded, and how far it agrees with the other reader's nearest
-- assessment of that time.
{%- set reader = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
with parameters as (select param_set_id, tp_window_days from {{ ref('int_parameters_rs') }}),

upstream as (
    select upstream.param_set_id, parameters.tp_window_days
    from {{ source('protocol', 'param_set_upstream') }} as upstream
    inner join parameters on upstream.upstream_param_set_id = parameters.param_set_id
    where upstream.upstream_family = 'RS'
),

derived as (
    select responses.*, courses.baseline_flag
    from {{ ref('int_index_responses') }} as responses
    inner join {{ ref('int_index_courses') }} as courses using ({{ reader | join(', ') }})
),

recorded as (select * from {{ ref('int_recorded_timepoints') }}),

lesions as (select centre_id, row_key, source_file, source_row from {{ ref('stg_lesion') }}),

joined as (
    select
        coalesce(derived.param_set_id, recorded.param_set_id) as param_set_id,
        coalesce(derived.centre_id, recorded.centre_id) as centre_id,
        coalesce(derived.patient_key, recorded.patient_key) as patient_key,
        coalesce(derived.reader, recorded.reader) as reader,
        derived.tp_no,
        coalesce(derived.tp_label, recorded.tp_label) as tp_label,
        coalesce(derived.response_date, recorded.response_date) as tp_date,
        derived.first_date,
        derived.last_date,
        derived.last_evaluable_date,
        coalesce(derived.is_baseline, false) as is_baseline,
        derived.baseline_flag,
        derived.n_targets,
        derived.n_targets_missing,
        derived.n_rule_breaking_targets,
        derived.sum_mm,
        derived.nadir_mm,
        derived.pct_base,
        derived.pct_nadir,
        derived.target_response,
        derived.nontarget_response,
        derived.new_lesion,
        derived.tp_response,
        derived.course_response,
        recorded.response as recorded_response,
        recorded.response_date as recorded_date,
        coalesce(recorded.response, derived.tp_response) as reader_response,
        coalesce(recorded.response_date, derived.response_date) as reader_date,
        case
            when recorded.response <> derived.tp_response then concat_ws(',', derived.review, 'RECORDED_DIFFERS')
            else derived.review
        end as review,
        coalesce(derived.row_key, recorded.row_key) as row_key,
        case when derived.row_key is null then 'response' else 'lesion' end as source_table,
        case when derived.row_key is null then recorded.source_file else lesions.source_file end as source_file,
        case when derived.row_key is null then recorded.source_row else lesions.source_row end as source_row
    from derived
    full outer join recorded
        on {{ same('derived', 'recorded', reader) }} and derived.tp_no = recorded.tp_no
    left join lesions on derived.centre_id = lesions.centre_id and derived.row_key = lesions.row_key
),

assessed as (select * from joined where reader_response is not null),

readers as (
    select param_set_id, centre_id, patient_key, count(distinct reader) as n_readers
    from assessed
    group by param_set_id, centre_id, patient_key
),

others as (
    select
        {{ columns_of('assessed', reader) }},
        assessed.row_key,
        assessed.reader_date,
        {{ value_of_first(
            'other.reader_response',
            "(abs(" ~ days_between('assessed.reader_date', 'other.reader_date') ~ "), other.reader_date, other.row_key)"
        ) }} as other_response,
        {{ value_of_first(
            'other.reader_date',
            "(abs(" ~ days_between('assessed.reader_date', 'other.reader_date') ~ "), other.reader_date, other.row_key)"
        ) }} as other_date
    from assessed
    inner join upstream on assessed.param_set_id = upstream.param_set_id
    inner join assessed as other
        on
            assessed.param_set_id = other.param_set_id
            and assessed.centre_id = other.centre_id
            and assessed.patient_key = other.patient_key
            and assessed.reader <> other.reader
            and abs({{ days_between('assessed.reader_date', 'other.reader_date') }}) <= upstream.tp_window_days
    group by
        {{ columns_of('assessed', reader + ['row_key', 'reader_date']) }}
),

compared as (
    select
        joined.*,
        others.other_date,
        case
            when joined.reader_response is not null and readers.n_readers > 1
                then {{ discordance('joined.reader_response', 'others.other_response') }}
        end as discordance
    from joined
    left join readers using (param_set_id, centre_id, patient_key)
    left join others
        on
            {{ same('joined', 'others', reader) }}
            and joined.row_key = others.row_key
            and joined.reader_date = others.reader_date
)

select * from compared
