-- One row per RS parameter set, patient, day and kind of progression.
-- R0.3, R2.4: PD (recorded, else derived from lesions), relapse and clinical progression; a day imputed where only the
-- month is known (flag D).
with responses as (select * from {{ ref('int_responses') }}),

recorded as (select * from {{ ref('stg_response') }}),

recist as (select response from {{ ref('responses') }} where is_progression = 'Y'),

disease_events as (select * from {{ ref('stg_disease_event') }}),

deaths as (
    select centre_id, patient_key, max(date_lo) as death_date
    from {{ ref('stg_death') }}
    where date_precision = 'D'
    group by centre_id, patient_key
),

cutoffs as (select * from {{ ref('int_cutoffs') }} where rule_family = 'RS'),

partly_dated as (
    select
        recorded.centre_id,
        recorded.patient_key,
        'RECIST_PD' as progression_kind,
        'response' as source_table,
        recorded.response_lo as event_lo,
        recorded.response_hi as event_hi,
        recorded.response_precision as event_precision,
        recorded.row_key,
        recorded.source_file,
        recorded.source_row
    from recorded
    inner join recist on recorded.response = recist.response
    where recorded.response_precision <> 'D'
    union all
    select
        centre_id, patient_key, case event when 'CLIN_PD' then 'CLIN_PD' else 'RELAPSE' end as progression_kind,
        'disease_event' as source_table, event_lo, event_hi, event_precision, row_key, source_file, source_row
    from disease_events
    where event in ('CLIN_PD', 'RECURRENCE', 'LOCAL_RELAPSE')
),

last_scans as (
    select
        cutoffs.param_set_id, partly_dated.row_key, max(responses.response_date) as last_nonpd_date
    from partly_dated
    inner join cutoffs on partly_dated.centre_id = cutoffs.centre_id
    inner join responses
        on
            cutoffs.param_set_id = responses.param_set_id
            and partly_dated.centre_id = responses.centre_id
            and partly_dated.patient_key = responses.patient_key
            and partly_dated.event_hi >= responses.response_date
    where responses.is_evaluable = 'Y'
    group by cutoffs.param_set_id, partly_dated.row_key
),

imputed as (
    select
        cutoffs.param_set_id,
        partly_dated.*,
        cutoffs.data_cutoff,
        {{ progression_date(
            'partly_dated.event_lo', 'partly_dated.event_hi', 'partly_dated.event_precision',
            'last_scans.last_nonpd_date', 'cast(null as date)', 'deaths.death_date', 'cutoffs.data_cutoff'
        ) }} as progression_date
    from partly_dated
    inner join cutoffs on partly_dated.centre_id = cutoffs.centre_id
    left join last_scans
        on cutoffs.param_set_id = last_scans.param_set_id and partly_dated.row_key = last_scans.row_key
    left join deaths on partly_dated.centre_id = deaths.centre_id and partly_dated.patient_key = deaths.patient_key
),

progressions as (
    select
        param_set_id, centre_id, patient_key, response_date as progression_date, 'RECIST_PD' as progression_kind,
        '' as event_flag, row_key, source_table, source_file, source_row
    from responses
    where response = 'PD'
    union all
    select
        param_set_id, centre_id, patient_key, progression_date, progression_kind,
        {{ imputation_flag('event_precision', 'progression_date') }} as event_flag,
        row_key, source_table, source_file, source_row
    from imputed
    where progression_date is not null and {{ by_cutoff('progression_date', 'data_cutoff') }}
),

first_rows as (
    select
        param_set_id, centre_id, patient_key, progression_date, progression_kind,
        {{ value_of_first('event_flag', 'event_flag || row_key') }} as event_flag,
        {{ value_of_first('row_key', 'event_flag || row_key') }} as row_key,
        {{ value_of_first('source_table', 'event_flag || row_key') }} as source_table,
        {{ value_of_first('source_file', 'event_flag || row_key') }} as source_file,
        {{ value_of_first('source_row', 'event_flag || row_key') }} as source_row
    from progressions
    group by param_set_id, centre_id, patient_key, progression_date, progression_kind
)

select * from first_rows
