-- One row per R8 parameter set and event of a patient with an index date, up to the cutoff.
-- R0.3, R0.4, R8.1: days by role; what began under treatment is emergent, what was there before only from the day its
-- grade exceeds the baseline grade; an imprecise day that may lie behind the window's end decides nothing (U).
{%- set event = 'param_set_id, centre_id, patient_key, term' %}
with windows as (select * from {{ ref('int_safety_windows') }}),

events as (select * from {{ ref('int_adverse_events') }} where certainty <> 'NEGATED'),

dated as (
    select
        windows.param_set_id,
        windows.lines_param_set_id,
        windows.index_date,
        windows.is_treated,
        windows.te_end_date,
        windows.irae_end_date,
        windows.data_cutoff,
        events.*,
        {{ ae_start_date('events.start_lo', 'events.start_hi', 'windows.index_date') }} as start_date,
        case when events.start_hi is not null then {{ cut_at('events.start_hi', 'windows.data_cutoff') }} end
            as start_latest_date,
        {{ ae_end_date('events.end_hi', 'events.end_precision', 'windows.death_date', 'windows.data_cutoff') }}
            as end_date,
        {{ ae_start_date('events.grade_at_lo', 'events.grade_at_hi', 'windows.index_date') }} as grade_date,
        case when events.grade_at_hi is not null then {{ cut_at('events.grade_at_hi', 'windows.data_cutoff') }} end
            as grade_latest_date,
        coalesce(events.end_lo > windows.data_cutoff, false) as is_ongoing_at_cutoff
    from windows
    inner join events on windows.centre_id = events.centre_id and windows.patient_key = events.patient_key
),

known as (
    select
        * exclude (grade, grade_date, grade_latest_date),
        {{ imputation_flag('start_precision', 'start_date') }} as start_flag,
        case when end_lo is not null then {{ imputation_flag('end_precision', 'end_date') }} else '' end as end_flag,
        case when coalesce({{ by_cutoff('grade_date', 'data_cutoff') }}, true) then grade end as grade,
        greatest(grade_date, start_date) as grade_date,
        greatest(grade_latest_date, start_latest_date) as grade_latest_date
    from dated
    where coalesce({{ by_cutoff('start_date', 'data_cutoff') }}, true)
),

before_index as (
    select
        {{ event }},
        grade,
        max(end_date) over (partition by {{ event }}) as documented_until_date,
        row_number() over (
            partition by {{ event }} order by grade_date desc, grade desc nulls last, row_key asc
        ) as row_no
    from known
    where
        term is not null
        and certainty = 'CERTAIN'
        and grade_date < index_date
        and coalesce(end_date >= index_date, true)
),

baseline as (
    select {{ event }}, grade as baseline_grade, documented_until_date from before_index where row_no = 1
),

placed as (
    select
        known.*,
        baseline.baseline_grade,
        coalesce(known.start_date < known.index_date, false) as is_before_index,
        known.start_date < known.index_date or coalesce(baseline.documented_until_date >= known.start_date, false)
            as is_pre_existing
    from known
    left join baseline using ({{ event }})
),

begun as (
    select
        *,
        case
            when start_date is null then case when end_date < index_date then 'BEFORE_INDEX' else 'UNDATED' end
            when not is_pre_existing then 'NEW'
            when grade_date < index_date then 'BEFORE_INDEX'
            when grade > baseline_grade then 'WORSENED'
            when grade <= baseline_grade then 'NOT_WORSE'
            else 'WORSENING_UNKNOWN'
        end as onset_reason
    from placed
),

onsets as (
    select
        *,
        case when onset_reason = 'NEW' then start_date when onset_reason like 'WORSEN%' then grade_date end
            as onset_date,
        case when onset_reason = 'NEW' then start_latest_date when onset_reason = 'WORSENED' then grade_latest_date end
            as onset_latest_date
    from begun
),

judged as (
    select
        *,
        {% for flag, end in [('trtemfl', 'te_end_date'), ('irae_trtemfl', 'irae_end_date')] %}
            case
                when onset_reason in ('BEFORE_INDEX', 'NOT_WORSE') or not is_treated then 'N'
                when onset_date > {{ end }} then 'N'
                when onset_latest_date <= {{ end }} then 'Y'
                else 'U'
            end as {{ flag }},
        {% endfor %}
        case when coalesce(grade_date <= te_end_date, true) then grade end as te_grade
    from onsets
)

select * from judged
