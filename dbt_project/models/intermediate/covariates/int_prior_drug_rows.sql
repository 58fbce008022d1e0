-- One row per R3 parameter set, patient and drug row that began before the index date.
-- R3.4, R4.1: rows (histories of which only the year is known included) from the index line's start on belong to the
-- index line, all others are prior exposure; a row's last dose lies before the index line or the index date.
with index_dates as (
    select param_set_id, centre_id, patient_key, index_date, index_line_start_date, data_cutoff
    from {{ ref('int_index') }}
    where index_date is not null
),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

drug_rows as (
    select
        *,
        coalesce(end_lo, start_lo) as last_lo,
        coalesce(end_hi, start_hi) as last_hi
    from {{ ref('int_drug_rows_selected') }}
    where
        (is_kept or (dropped_reason = 'DATE_UNUSABLE' and source_kind = 'HISTORY'))
        and coalesce(local_route, 'N') = 'N'
),

placed as (
    select
        index_dates.param_set_id as cohort_param_set_id,
        index_dates.index_date,
        drug_rows.*,
        coalesce(
            index_dates.index_line_start_date < index_dates.index_date
            and drug_rows.start_lo >= index_dates.index_line_start_date, false
        ) as in_index_line,
        least(index_dates.index_date, coalesce(index_dates.index_line_start_date, index_dates.index_date))
            as prior_until_date
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join drug_rows
        on
            upstream.upstream_param_set_id = drug_rows.param_set_id
            and index_dates.centre_id = drug_rows.centre_id
            and index_dates.patient_key = drug_rows.patient_key
    where drug_rows.start_lo < index_dates.index_date
),

bounded as (
    select
        *,
        case
            when in_index_line then {{ days_after('index_date', '-1') }}
            else {{ days_after('prior_until_date', '-1') }}
        end as latest_dose_date
    from placed
),

prior_rows as (
    select
        cohort_param_set_id as param_set_id,
        centre_id,
        patient_key,
        source_kind,
        drug_key,
        class,
        coalesce(class, '') = 'BLINDED' as is_blinded,
        counts_in_lot,
        is_ici,
        in_index_line,
        start_lo,
        start_hi,
        start_precision,
        least(last_lo, latest_dose_date) as dose_lo,
        least(last_hi, latest_dose_date) as dose_hi,
        reason_stop,
        row_key,
        source_file,
        source_row
    from bounded
)

select * from prior_rows
