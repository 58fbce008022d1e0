-- One row per item about response that a person has to judge.
-- R5.2, R5.3, R5.4: a node back after a complete response (CR_LOST), an equivocal new lesion that no later time point
-- settles, lesions of which none is there at baseline, PR or SD after CR (DQ068).
with timepoints as (select * from {{ ref('int_tumour_timepoints') }} where review is not null),

patients as (select * from {{ ref('int_best_response') }} where is_cr_then_non_cr),

codes as (
    select listed.rule, listed.code
    from (values ('R5.2', 'CR_LOST'), ('R5.3', 'EQUIVOCAL_OPEN'), ('R5.3', 'NO_DISEASE')) as listed (rule, code)
),

items as (
    select
        codes.rule,
        codes.code || ' ' || timepoints.reader || ' ' || cast(timepoints.tp_date as varchar) as item,
        timepoints.param_set_id,
        timepoints.centre_id,
        timepoints.patient_key,
        codes.code as review_reason,
        timepoints.tp_response as value,
        timepoints.last_date as judged_until,
        timepoints.source_table,
        timepoints.source_file,
        timepoints.source_row
    from timepoints
    inner join codes on position(codes.code in timepoints.review) > 0
    union all
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
