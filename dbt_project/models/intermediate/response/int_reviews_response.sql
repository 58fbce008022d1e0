-- One row per item about response that a person has to judge.
-- R5.2, R5.3, R5.4: a node back after a complete response (CR_LOST), an equivocal new lesion that no later time point
-- settles, lesions of which none is there at baseline, PR or SD after CR (DQ068).
{%- set judged_codes = ['CR_LOST', 'EQUIVOCAL_OPEN', 'NO_DISEASE'] %}
with timepoints as (select * from {{ ref('int_tumour_timepoints') }} where review is not null),

patients as (select * from {{ ref('int_best_response') }} where is_cr_then_non_cr),

items as (
    {%- for code in judged_codes %}
    select
        {{ "'R5.2'" if code == 'CR_LOST' else "'R5.3'" }} as rule,
        '{{ code }} ' || reader || ' ' || coalesce(cast(tp_date as varchar), '') as item,
        param_set_id,
        centre_id,
        patient_key,
        '{{ code }}' as review_reason,
        tp_response as value,
        last_date as judged_until,
        source_table,
        source_file,
        source_row
    from timepoints
    where position('{{ code }}' in review) > 0
    union all
    {%- endfor %}
    select
        'R5.4' as rule,
        'CR_THEN_NONCR ' || reader as item,
        param_set_id,
        centre_id,
        patient_key,
        'CR_THEN_NONCR' as review_reason,
        bor as value,
        window_end_date as judged_until,
        source_table,
        source_file,
        source_row
    from patients
),

seen as (
    select
        centre_id, patient_key, row_key, scan_lo as seen_date,
        concat_ws('|', reader, lesion_id, role, tp, scan_lo, status, mm, nt_status, certainty) as content
    from {{ ref('stg_lesion') }}
    union all
    select
        centre_id, patient_key, row_key, response_lo as seen_date,
        concat_ws('|', reader, tp, response_lo, response) as content
    from {{ ref('stg_response') }}
),

witnessed as (
    select
        items.rule,
        items.item,
        items.param_set_id,
        items.centre_id,
        items.patient_key,
        items.review_reason,
        items.value,
        md5(string_agg(seen.row_key || '|' || seen.content, ',' order by seen.row_key)) as evidence,
        cast(null as date) as evidence_date,
        items.source_table,
        items.source_file,
        items.source_row
    from items
    inner join seen
        on
            items.centre_id = seen.centre_id
            and items.patient_key = seen.patient_key
            and (items.judged_until is null or seen.seen_date is null or items.judged_until >= seen.seen_date)
    group by
        items.rule, items.item, items.param_set_id, items.centre_id, items.patient_key, items.review_reason,
        items.value, items.source_table, items.source_file, items.source_row
)

select * from witnessed
