-- One row per R6 parameter set and patient with an index date.
-- R6.3: the latest proof of life up to the death, or before a disputed death; never before the index date, which
-- proves life itself.
with observed as (
    select param_set_id, centre_id, patient_key, index_date, last_counted_date, is_open_ended
    from {{ ref('int_observation_ends') }}
    where at_risk_from = 'INDEX'
),

proofs as (select * from {{ ref('int_proofs_of_life') }}),

ordered as (
    select
        observed.param_set_id,
        observed.centre_id,
        observed.patient_key,
        proofs.alive_date as last_known_alive_date,
        proofs.source_table,
        proofs.source_file,
        proofs.source_row,
        row_number() over (
            partition by observed.param_set_id, observed.centre_id, observed.patient_key
            order by proofs.alive_date desc
        ) as proof_number
    from observed
    inner join proofs
        on
            observed.param_set_id = proofs.param_set_id
            and observed.centre_id = proofs.centre_id
            and observed.patient_key = proofs.patient_key
    where
        proofs.alive_date >= observed.index_date
        and (observed.is_open_ended or proofs.alive_date <= observed.last_counted_date)
),

last_proofs as (select * from ordered where proof_number = 1)

select * from last_proofs
