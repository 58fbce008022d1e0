-- One row per R3 parameter set and patient whose chart speaks of earlier systemic therapy without naming a drug.
-- R3.4: a history of an unreadable or undated drug, a reviewed note, or clinical progression before the index line that
-- no operation or radiotherapy came before; and no drug row that counts before the index line.
with index_dates as (
    select
        param_set_id, centre_id, patient_key, index_date,
        least(index_date, coalesce(index_line_start_date, index_date)) as prior_until_date
    from {{ ref('int_index') }}
    where index_date is not null
),

named as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_prior_drug_rows') }}
    where counts_in_lot = 'Y' and not in_index_line
),

operations as (
    select centre_id, patient_key, min(start_lo) as first_operation_date
    from {{ ref('stg_procedure') }}
    group by centre_id, patient_key
),

told as (
    select
        centre_id, patient_key, start_lo as told_date, 'drug_row' as source_table, row_key, source_file, source_row
    from {{ ref('int_drug_exposures') }}
    where
        source_kind = 'HISTORY'
        and coalesce(status, '') not in ('CANCELLED', 'PLANNED')
        and (drug_key = 'UNRESOLVED' or (counts_in_lot = 'Y' and start_lo is null))
    union all
    select
        centre_id, patient_key, date_lo as told_date, 'clinical_note_flag' as source_table, row_key, source_file,
        source_row
    from {{ ref('stg_clinical_note_flag') }}
    where flag in ('PRIOR_SYSTEMIC_THERAPY', 'PRIOR_LINE')
    union all
    select
        disease_events.centre_id,
        disease_events.patient_key,
        disease_events.event_lo as told_date,
        'disease_event' as source_table,
        disease_events.row_key,
        disease_events.source_file,
        disease_events.source_row
    from {{ ref('stg_disease_event') }} as disease_events
    left join operations
        on disease_events.centre_id = operations.centre_id and disease_events.patient_key = operations.patient_key
    where
        disease_events.event = 'CLIN_PD'
        and disease_events.event_lo is not null
        and coalesce(operations.first_operation_date > disease_events.event_lo, true)
),

ordered as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        told.source_table,
        told.source_file,
        told.source_row,
        row_number() over (
            partition by index_dates.param_set_id, index_dates.centre_id, index_dates.patient_key
            order by told.told_date nulls last, told.source_table, told.row_key
        ) as told_number
    from index_dates
    inner join told on index_dates.centre_id = told.centre_id and index_dates.patient_key = told.patient_key
    left join named
        on
            index_dates.param_set_id = named.param_set_id
            and index_dates.centre_id = named.centre_id
            and index_dates.patient_key = named.patient_key
    where named.patient_key is null and coalesce(told.told_date < index_dates.prior_until_date, true)
),

untold as (
    select param_set_id, centre_id, patient_key, source_table, source_file, source_row
    from ordered
    where told_number = 1
)

select * from untold
