-- One row per R6 parameter set, patient and death record up to the cutoff.
-- R0.3, R6.3: the day of each record, partial dates imputed between the last proof of life and the cutoff, in the
-- order of who is believed; whether its cause, in words or in ICD-10, is a tumour.
with followed as (select * from {{ ref('int_followed_patients') }}),

deaths as (select *, upper(trim(cause)) as cause_code from {{ ref('stg_death') }}),

causes as (select cause, with_tumour from {{ ref('death_causes') }}),

last_proofs as (
    select param_set_id, centre_id, patient_key, max(alive_date) as last_alive_date
    from {{ ref('int_proofs_of_life') }}
    group by param_set_id, centre_id, patient_key
),

recorded as (
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        followed.index_date,
        followed.data_cutoff,
        deaths.source,
        deaths.date_lo,
        deaths.date_hi,
        deaths.date_precision,
        {{ death_date(
            'deaths.date_lo', 'deaths.date_hi', 'deaths.date_precision',
            'least(last_proofs.last_alive_date, deaths.date_hi)', 'followed.data_cutoff'
        ) }} as death_date,
        case
            when causes.with_tumour = 'Y' then 'WITH_TUMOUR'
            when causes.with_tumour = 'N' then 'WITHOUT_TUMOUR'
            when regexp_matches(deaths.cause_code, '^(C[0-9]|D[0-4])[0-9]') then 'WITH_TUMOUR'
            when regexp_matches(deaths.cause_code, '^[A-Z][0-9][0-9]') then 'WITHOUT_TUMOUR'
        end as cause_class,
        deaths.row_key,
        deaths.delivery_id,
        deaths.source_file,
        deaths.source_row
    from followed
    inner join deaths on followed.centre_id = deaths.centre_id and followed.patient_key = deaths.patient_key
    left join causes on deaths.cause_code = causes.cause
    left join last_proofs
        on
            followed.param_set_id = last_proofs.param_set_id
            and followed.centre_id = last_proofs.centre_id
            and followed.patient_key = last_proofs.patient_key
    where deaths.date_lo is null or {{ by_cutoff('deaths.date_lo', 'followed.data_cutoff') }}
),

ranked as (
    select
        *,
        {{ imputation_flag('date_precision', 'death_date') }} as death_date_flag,
        row_number() over (
            partition by param_set_id, centre_id, patient_key
            order by
                death_date is null,
                source = 'REGISTRY' desc,
                source = 'HOSPITAL' desc,
                source = 'FAMILY' desc,
                date_lo,
                date_hi asc,
                row_key asc
        ) as belief_rank
    from recorded
)

select * from ranked
