-- One row per R2 parameter set, patient and matter of a line of therapy that a person has to judge.
-- R2.5: chemotherapy beside palliative radiotherapy (CRT_REVIEW), and radiotherapy beside chemotherapy before advanced
-- disease whose dose or intent, which would make the course curative, nobody recorded.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with lines as (
    select {{ keys }}, line_seq, openings.start_date, last_doses.last_dose_date, settings.setting, settings.is_counted
    from {{ ref('int_line_openings') }} as openings
    inner join {{ ref('int_line_last_doses') }} as last_doses using ({{ keys }}, line_seq)
    inner join {{ ref('int_line_settings') }} as settings using ({{ keys }}, line_seq)
),

procedures as (select * from {{ ref('stg_procedure') }} where kind = 'RT'),

deliveries as (select centre_id, delivery_id, extract_date from {{ source('lake', 'deliveries') }}),

episode_rows as (select {{ keys }}, line_seq, row_key from {{ ref('int_drug_row_lines') }} where line_seq is not null),

advanced as (
    select {{ keys }}, event_date as advanced_date from {{ ref('int_line_events') }} where event_kind = 'ADVANCED'
),

radiosensitised as (
    select
        {{ keys }},
        radiosensitisers.line_seq,
        'CRT_REVIEW' as review_reason,
        case when lines.is_counted then 'COUNTED' else 'NOT_COUNTED' end as current_value,
        procedures.row_key,
        lines.start_date
    from {{ ref('int_line_radiosensitisers') }} as radiosensitisers
    inner join lines using ({{ keys }}, line_seq)
    inner join procedures
        on
            radiosensitisers.radiotherapy_row_key = procedures.row_key
            and radiosensitisers.centre_id = procedures.centre_id
    where radiosensitisers.counts <> 'Y'
),

unsettled as (
    select
        {{ keys }},
        lines.line_seq,
        case when procedures.dose_gy is null then 'RT_DOSE_UNKNOWN' else 'RT_INTENT_UNKNOWN' end as review_reason,
        lines.setting as current_value,
        min(procedures.row_key) as row_key,
        lines.start_date
    from lines
    inner join {{ ref('int_parameters_r2') }} as parameters using (param_set_id)
    left join advanced using ({{ keys }})
    inner join procedures using (centre_id, patient_key)
    where
        lines.setting = 'PALLIATIVE'
        and coalesce(lines.start_date < advanced.advanced_date, true)
        and procedures.start_lo <= lines.last_dose_date
        and coalesce(procedures.end_hi, procedures.start_hi) >= lines.start_date
        and (
            (procedures.intent in ('CURATIVE', 'DEFINITIVE') and procedures.dose_gy is null)
            or (procedures.intent is null and procedures.dose_gy >= parameters.definitive_rt_min_gy)
        )
    group by {{ keys }}, lines.line_seq, review_reason, current_value, lines.start_date
),

asked as (
    select * from radiosensitised
    union all
    select * from unsettled
),

evidence as (
    select
        {{ keys }},
        asked.line_seq,
        asked.review_reason,
        {{ sorted_text('episode_rows.row_key', ',') }} as drug_row_keys,
        max(deliveries.extract_date) as newest_drug_date
    from asked
    inner join episode_rows using ({{ keys }}, line_seq)
    inner join {{ ref('stg_drug_row') }} as drug_rows
        on asked.centre_id = drug_rows.centre_id and episode_rows.row_key = drug_rows.row_key
    left join deliveries
        on drug_rows.centre_id = deliveries.centre_id and drug_rows.delivery_id = deliveries.delivery_id
    group by {{ keys }}, asked.line_seq, asked.review_reason
),

reviews as (
    select distinct
        'R2.5' as rule,
        asked.review_reason || ' ' || asked.start_date as item,
        asked.param_set_id,
        asked.centre_id,
        asked.patient_key,
        asked.review_reason,
        asked.current_value as value,
        case when asked.review_reason = 'CRT_REVIEW' then 'COUNTED|NOT_COUNTED' end as choices,
        {{ dbt.hash(
            "evidence.drug_row_keys || '|' || procedures.row_key || '|' || coalesce(procedures.intent, '') || '|' "
            ~ "|| coalesce(cast(procedures.dose_gy as varchar), '') || '|' || procedures.start_lo"
        ) }} as evidence,
        greatest(evidence.newest_drug_date, deliveries.extract_date) as evidence_date,
        'procedure' as source_table,
        procedures.source_file,
        procedures.source_row
    from asked
    inner join evidence using ({{ keys }}, line_seq, review_reason)
    inner join procedures on asked.centre_id = procedures.centre_id and asked.row_key = procedures.row_key
    left join deliveries
        on procedures.centre_id = deliveries.centre_id and procedures.delivery_id = deliveries.delivery_id
)

select * from reviews
