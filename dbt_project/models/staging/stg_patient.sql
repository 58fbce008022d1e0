-- One row per patient.
-- R0.1, R0.7: of each fact over all numbers of the patient the first in the order of content, whenever each landed.
with last_words as ({{ last_words('patient') }}),

linked as (select * from {{ ref('stg_linked_identities') }}),

centres as (select centre_id, calendar from {{ source('lake', 'centres') }}),

identified as (
    select
        last_words.*,
        coalesce(
            linked.patient_key, {{ patient_key('last_words.centre_id', 'last_words.patient_id') }}
        ) as patient_key
    from last_words
    left join linked on last_words.centre_id = linked.centre_id and last_words.patient_id = linked.patient_id
),

ordered as (
    select
        *,
        row_number() over (
            partition by centre_id, patient_key order by row_hash asc
        ) as statement_number
    from identified
),

merged as (
    select
        centre_id,
        patient_key,
        {{ value_of_first('sex', 'statement_number') }} as sex,
        {{ value_of_first('birth_ym', 'statement_number') }} as birth_ym,
        {{ value_of_first('age_at_diagnosis', 'statement_number') }} as age_at_diagnosis,
        {{ value_of_first('row_key', 'statement_number') }} as row_key,
        {{ value_of_first('delivery_id', 'statement_number') }} as delivery_id,
        {{ value_of_first('batch_id', 'statement_number') }} as batch_id,
        {{ value_of_first('source_file', 'statement_number') }} as source_file,
        {{ value_of_first('source_row', 'statement_number') }} as source_row
    from ordered
    group by centre_id, patient_key
),

with_calendar as (
    select
        merged.centre_id,
        merged.patient_key,
        merged.sex,
        merged.birth_ym,
        merged.age_at_diagnosis,
        centres.calendar,
        merged.row_key,
        merged.delivery_id,
        merged.batch_id,
        merged.source_file,
        merged.source_row
    from merged
    left join centres on merged.centre_id = centres.centre_id
)

select * from with_calendar
