-- One row per performance status recorded on a known day.
-- R3.2 I2: Karnofsky grades are converted to ECOG by the conversion table; a grade that the table does not hold gives
-- none.
{{ config(materialized='view') }}

with scores as (
    select centre_id, patient_key, specimen_lo, test, value, row_key, source_file, source_row
    from {{ ref('stg_ecog') }}
    where specimen_precision = 'D'
),

conversions as (select kps_min, kps_max, ecog from {{ ref('kps_to_ecog') }}),

converted as (
    select
        scores.centre_id,
        scores.patient_key,
        scores.specimen_lo as score_date,
        case when scores.test = 'ECOG' then scores.value else conversions.ecog end as ecog,
        scores.row_key,
        scores.source_file,
        scores.source_row
    from scores
    left join conversions
        on scores.test = 'KPS' and scores.value between conversions.kps_min and conversions.kps_max
),

graded as (select * from converted where ecog is not null)

select * from graded
