-- One row per R3 parameter set, patient, assessment after the index date and question about its response.
-- R5.2, R5.3, R5.4, DQ077: the response that stands and the readings of lesions and recorded responses up to the day
-- that the question looks at; a decision names the RECIST 1.1 response of the assessment.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key'] %}
with matters as (select * from {{ ref('int_response_matters') }}),

judged as (select * from {{ ref('int_assessments_judged') }}),

items as (
    select
        {{ columns_of('matters', keys) }},
        matters.rule,
        matters.review_reason || ' ' || matters.named_reader || ' ' || matters.response_date as item,
        matters.review_reason,
        matters.judged_until,
        judged.reader,
        judged.response_date,
        judged.response,
        judged.source_table,
        judged.source_file,
        judged.source_row
    from matters
    inner join judged
        on
            {{ same('matters', 'judged', keys + ['reader', 'response_date']) }}
),

readings as (
    select
        centre_id, patient_key, row_key, delivery_id, scan_lo as seen_date,
        concat_ws('|', reader, lesion_id, role, tp, scan_lo, status, mm, nt_status, certainty) as content
    from {{ ref('stg_lesion') }}
    union all
    select
        centre_id, patient_key, row_key, delivery_id, response_lo as seen_date,
        concat_ws('|', reader, tp, response_lo, response) as content
    from {{ ref('stg_response') }}
),

witnessed as (
    select
        {{ columns_of('items', keys) }},
        items.rule,
        items.item,
        {{ dbt.hash(sorted_text("readings.row_key || '|' || readings.content", ',')) }} as evidence,
        max(deliveries.extract_date) as evidence_date
    from items
    inner join readings
        on
            items.centre_id = readings.centre_id
            and items.patient_key = readings.patient_key
            and coalesce(items.judged_until >= readings.seen_date, true)
    left join {{ source('lake', 'deliveries') }} as deliveries
        on readings.centre_id = deliveries.centre_id and readings.delivery_id = deliveries.delivery_id
    group by {{ columns_of('items', keys + ['rule', 'item']) }}
),

reviews as (
    select
        {{ columns_of('items', keys) }},
        items.reader,
        items.response_date,
        items.rule,
        items.item,
        items.review_reason,
        items.response as value,
        'CR|PR|SD|NON-CR/NON-PD|PD|NE' as choices,
        witnessed.evidence,
        witnessed.evidence_date,
        items.source_table,
        items.source_file,
        items.source_row
    from items
    inner join witnessed
        on
            {{ same('items', 'witnessed', keys + ['rule', 'item']) }}
)

select * from reviews
