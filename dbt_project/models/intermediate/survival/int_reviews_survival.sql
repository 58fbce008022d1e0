-- One row per R6 parameter set, patient and matter about a death that a reviewer decides.
-- R6.3: sources of a death far apart (DQ061), a death suspended because of later activity or because it precedes the
-- index date, a death without a usable date.
with deaths as (select * from {{ ref('int_deaths_judged') }}),

records as (
    select
        death_records.param_set_id,
        death_records.centre_id,
        death_records.patient_key,
        string_agg(
            concat_ws(
                '|', death_records.row_key, death_records.source, death_records.date_lo, death_records.date_hi,
                death_records.cause_class
            ), ',' order by death_records.row_key
        ) as content,
        max(deliveries.extract_date) as evidence_date
    from {{ ref('int_death_records') }} as death_records
    left join {{ source('lake', 'deliveries') }} as deliveries
        on death_records.centre_id = deliveries.centre_id and death_records.delivery_id = deliveries.delivery_id
    group by death_records.param_set_id, death_records.centre_id, death_records.patient_key
),

activity_extracts as (
    select centre_id, patient_key, max(evidence_date) as evidence_date
    from {{ ref('int_evidence_dates') }}
    where table_name in ('drug_row', 'lab', 'vital')
    group by centre_id, patient_key
),

matters as (
    select *, 'DEATH_SOURCES_CONFLICT' as review_reason from deaths
    where has_source_conflict
    union all
    select *, 'ACTIVITY_AFTER_DEATH' as review_reason from deaths
    where death_status = 'DISPUTED' and last_activity_date is not null
    union all
    select *, 'DEATH_BEFORE_INDEX' as review_reason from deaths
    where death_status = 'DISPUTED' and last_activity_date is null
    union all
    select *, 'DEATH_UNDATED' as review_reason from deaths
    where death_status = 'UNDATED'
),

reviews as (
    select
        'R6.3' as rule,
        matters.review_reason as item,
        matters.param_set_id,
        matters.centre_id,
        matters.patient_key,
        matters.review_reason,
        concat_ws(' ', matters.death_status, matters.death_date) as value,
        case when matters.death_date >= matters.index_date then 'CONFIRMED|' else '' end
        || 'NOT_DEAD|' || matters.index_date || '..' || coalesce(cast(matters.data_cutoff as varchar), '') as choices,
        {{ dbt.hash("concat_ws(',', records.content, matters.last_activity_date)") }} as evidence,
        greatest(
            records.evidence_date,
            case when matters.last_activity_date is not null then activity_extracts.evidence_date end
        ) as evidence_date,
        matters.source_table,
        matters.source_file,
        matters.source_row
    from matters
    inner join records
        on
            matters.param_set_id = records.param_set_id
            and matters.centre_id = records.centre_id
            and matters.patient_key = records.patient_key
    left join activity_extracts
        on matters.centre_id = activity_extracts.centre_id and matters.patient_key = activity_extracts.patient_key
)

select * from reviews
