-- One row per R2 parameter set, patient and line of therapy.
-- R2.5, R2.6: setting, whether the line counts, and its three numbers: counted line, LoT N (C+P), EnLiST label.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with openings as (select * from {{ ref('int_line_openings') }}),

regimens as (select * from {{ ref('int_line_regimens') }}),

last_doses as (select * from {{ ref('int_line_last_doses') }}),

parameters as (select param_set_id, curative_to_line_months from {{ ref('int_parameters_r2') }}),

events as (select * from {{ ref('int_line_events') }}),

advanced as (select {{ keys }}, event_date as advanced_date from events where event_kind = 'ADVANCED'),

progressed as (
    select
        openings.param_set_id,
        openings.centre_id,
        openings.patient_key,
        openings.line_seq,
        count(distinct events.event_date) as n_progressions
    from openings
    inner join events using ({{ keys }})
    where
        events.event_kind = 'PD'
        and events.event_date > openings.start_date
        and events.event_date <= coalesce(openings.next_start_date, events.event_date)
    group by openings.param_set_id, openings.centre_id, openings.patient_key, openings.line_seq
),

set_out as (
    select
        openings.*,
        regimens.* exclude ({{ keys }}, line_seq),
        last_doses.last_dose_date,
        last_doses.is_last_dose_approximate,
        coalesce(progressed.n_progressions, 0) as n_progressions,
        case when openings.is_curative then 'CURATIVE' else 'PALLIATIVE' end as setting,
        not openings.is_curative
        or coalesce(
            advanced.advanced_date
            <= {{ months_after('last_doses.last_dose_date', 'parameters.curative_to_line_months') }},
            false
        ) as is_counted,
        case
            when regimens.is_investigational then 'iLoT'
            when openings.is_curative then 'eLoT'
            else 'aLoT'
        end as enlist_kind
    from openings
    inner join regimens using ({{ keys }}, line_seq)
    inner join last_doses using ({{ keys }}, line_seq)
    inner join parameters using (param_set_id)
    left join advanced using ({{ keys }})
    left join progressed using ({{ keys }}, line_seq)
),

counted as (
    select
        *,
        sum(case when is_counted then 1 else 0 end) over so_far as counted_lines,
        sum(case when is_curative then 1 else 0 end) over so_far as curative_lines,
        row_number() over (partition by {{ keys }}, enlist_kind order by line_seq) as enlist_no
    from set_out
    window so_far as (partition by {{ keys }} order by line_seq rows between unbounded preceding and current row)
),

numbered as (
    select
        {{ keys }},
        line_seq,
        setting,
        is_counted,
        cast(case when is_counted then counted_lines end as integer) as line_no,
        start_date,
        last_dose_date,
        is_last_dose_approximate,
        next_start_date,
        regimen,
        advance_reason,
        end_reason,
        tags,
        enlist_kind || ' ' || enlist_no || '.' || n_modifications as enlist_label,
        'LoT ' || line_seq || ' (' || cast(curative_lines as integer) || '+'
        || cast(line_seq - curative_lines as integer) || ')' as lot_label,
        cast(n_progressions as integer) as n_progressions,
        has_pd1,
        has_ici,
        has_targeted,
        has_vegfr_tki,
        has_blinded,
        is_ongoing_at_cutoff,
        first_row_key,
        first_source_file,
        first_source_row
    from counted
)

select * from numbered
