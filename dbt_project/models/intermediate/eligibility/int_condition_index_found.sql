-- One row per condition index_found and patient screened.
-- R3.2 I5: met when the protocol's index exists inside its window; the index status is the reason.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'index_found'),

index_dates as (select * from {{ ref('int_index_dates') }}),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case when asked.index_status = 'OK' then 'MET' else 'NOT_MET' end as status,
        case when asked.index_status = 'OK' then 'INDEX_FOUND' else asked.index_status end as reason,
        index_dates.source_table,
        index_dates.source_file,
        index_dates.source_row
    from asked
    left join index_dates
        on
            asked.param_set_id = index_dates.param_set_id
            and asked.centre_id = index_dates.centre_id
            and asked.patient_key = index_dates.patient_key
)

select * from judged
