-- One row per R2 parameter set, patient and line of therapy.
-- R2.6: the three numbers of a line (counted line, LoT N (C+P), EnLiST label), its regimen, its phase of maintenance,
-- and why it began and ended; whether it counts as judged (R2.5), or as a reviewer decided while the evidence stands.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with openings as (select * from {{ ref('int_line_openings') }}),

regimens as (select * from {{ ref('int_line_regimens') }}),

last_doses as (select * from {{ ref('int_line_last_doses') }}),

phases as (select * from {{ ref('int_line_phases') }}),

settings as (select * from {{ ref('int_line_settings') }}),

reviews as (select * from {{ ref('int_reviews_lines') }} where review_reason = 'CRT_REVIEW'),

decided as (
    select {{ keys }}, item, decided_value = 'COUNTED' as is_counted_by_decision
    from ({{ with_decisions('reviews') }}) as reviewed
    where decision_status = 'DECIDED'
),

set_out as (
    select
        openings.*,
        regimens.* exclude ({{ keys }}, line_seq),
        phases.* exclude ({{ keys }}, line_seq),
        settings.* exclude ({{ keys }}, line_seq, is_counted),
        coalesce(decided.is_counted_by_decision, settings.is_counted) as is_counted,
        decided.item is not null as is_adjudicated,
        last_doses.last_dose_date,
        last_doses.is_last_dose_approximate,
        case
            when regimens.is_investigational then 'iLoT'
            when openings.is_curative then 'eLoT'
            else 'aLoT'
        end as enlist_kind
    from openings
    inner join regimens using ({{ keys }}, line_seq)
    inner join settings using ({{ keys }}, line_seq)
    inner join last_doses using ({{ keys }}, line_seq)
    left join phases using ({{ keys }}, line_seq)
    left join decided
        on
            openings.param_set_id = decided.param_set_id
            and openings.centre_id = decided.centre_id
            and openings.patient_key = decided.patient_key
            and 'CRT_REVIEW ' || openings.start_date = decided.item
),

counted as (
    select
        *,
        sum(case when is_counted then 1 else 0 end) over so_far as counted_lines,
        sum(case when is_curative then 1 else 0 end) over so_far as curative_lines,
        row_number() over (partition by {{ keys }}, enlist_kind order by line_seq) as enlist_no,
        {%- for kind in ['eLoT', 'aLoT', 'iLoT'] %}
            '{{ kind }} ' || count(*) filter (where enlist_kind = '{{ kind }}') over so_far || '.'
            || coalesce(
                last_value(case when enlist_kind = '{{ kind }}' then n_modifications end ignore nulls) over so_far, 0
            ) as {{ kind | lower }}{% if not loop.last %},{% endif %}
        {%- endfor %}
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
        case
            when next_start_date is not null then next_advance_reason
            when is_ongoing_at_cutoff then 'ONGOING'
            else coalesce(last_reason_stop, 'NOT_RECORDED')
        end as end_reason,
        nullif(concat_ws(
            ', ', tags, case when is_crt_review then 'CRT_REVIEW' end, case when is_adjudicated then 'ADJUDICATED' end
        ), '') as tags,
        enlist_kind || ' ' || enlist_no || '.' || n_modifications as enlist_label,
        '[' || elot || ' + ' || alot || '] + ' || ilot as enlist_history,
        'LoT ' || line_seq || ' (' || cast(curative_lines as integer) || '+'
        || cast(line_seq - curative_lines as integer) || ')' as lot_label,
        n_progressions,
        pd_status_known,
        maintenance_start_date,
        maintenance_end_date,
        maintenance_regimen,
        has_pd1,
        has_ici,
        has_targeted,
        has_vegfr_tki,
        has_chemotherapy,
        has_platinum,
        has_taxane,
        has_fluoropyrimidine,
        has_irinotecan,
        has_blinded,
        is_ongoing_at_cutoff and next_start_date is null as is_ongoing_at_cutoff,
        first_row_key,
        first_source_file,
        first_source_row
    from counted
)

select * from numbered
