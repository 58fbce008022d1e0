-- One row per patient and contract table, and one per patient for all of them (table_name empty).
-- R0.1: when the newest row of the patient was extracted; a decision made before it has not seen it.
{%- set tables = [
    'ae', 'biomarker', 'clinical_note_flag', 'contact', 'death', 'diagnosis', 'disease_event', 'drug_row', 'ecog',
    'lab', 'lesion', 'pathology', 'procedure', 'response', 'scan', 'stage', 'vital',
] %}
with deliveries as (
    select centre_id, delivery_id, max(extract_date) as extract_date
    from {{ source('lake', 'deliveries') }}
    group by centre_id, delivery_id
),

delivered as (
    {% for table in tables %}
        select distinct centre_id, patient_key, delivery_id, '{{ table }}' as table_name
        from {{ ref('stg_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

newest as (
    select
        delivered.centre_id,
        delivered.patient_key,
        delivered.table_name,
        max(deliveries.extract_date) as evidence_date
    from delivered
    inner join deliveries
        on delivered.centre_id = deliveries.centre_id and delivered.delivery_id = deliveries.delivery_id
    group by delivered.centre_id, delivered.patient_key, delivered.table_name
)

select centre_id, patient_key, table_name, evidence_date from newest
union all
select centre_id, patient_key, cast(null as varchar) as table_name, max(evidence_date) as evidence_date
from newest
group by centre_id, patient_key
