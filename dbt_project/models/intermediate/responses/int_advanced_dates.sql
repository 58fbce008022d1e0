-- One row per RS parameter set and patient whose disease is known to be advanced.
-- R2.4, R2.5: advanced_date, the first metastasis (event or M1 staging) or relapse that the data cutoff lets us know.
with disease_events as (select * from {{ ref('stg_disease_event') }}),

stagings as (select * from {{ ref('stg_stage') }}),

relapses as (
    select param_set_id, centre_id, patient_key, progression_date as advanced_date
    from {{ ref('int_progressions') }}
    where progression_kind = 'RELAPSE'
),

cutoffs as (select * from {{ ref('int_cutoffs') }} where rule_family = 'RS'),

metastases as (
    select centre_id, patient_key, event_lo, event_hi, event_precision
    from disease_events
    where event = 'M1' or (event = 'DX' and is_distant = 'Y')
    union all
    select centre_id, patient_key, stage_lo as event_lo, stage_hi as event_hi, stage_precision as event_precision
    from stagings
    where upper(m) like 'M1%' or upper(m) like 'CM1%' or upper(m) like 'PM1%'
),

imputed as (
    select
        cutoffs.param_set_id,
        metastases.centre_id,
        metastases.patient_key,
        cutoffs.data_cutoff,
        {{ progression_date(
            'metastases.event_lo', 'metastases.event_hi', 'metastases.event_precision',
            'cast(null as date)', 'cast(null as date)', 'cast(null as date)', 'cutoffs.data_cutoff'
        ) }} as advanced_date
    from metastases
    inner join cutoffs on metastases.centre_id = cutoffs.centre_id
),

known as (
    select * from relapses
    union all
    select param_set_id, centre_id, patient_key, advanced_date
    from imputed
    where advanced_date is not null and {{ by_cutoff('advanced_date', 'data_cutoff') }}
),

firsts as (
    select param_set_id, centre_id, patient_key, min(advanced_date) as advanced_date
    from known
    group by param_set_id, centre_id, patient_key
)

select * from firsts
