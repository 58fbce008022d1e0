-- One row per R3 parameter set and patient with a systemic drug before the index line.
-- R3.2 I4: when the earliest of them began (day 1 of a month, the last day of a year that is all that is known) and
-- whether one was stopped for toxicity.
with prior_drugs as (
    select
        param_set_id,
        centre_id,
        patient_key,
        case when start_precision = 'Y' then start_hi else start_lo end as started_date,
        coalesce(reason_stop, '') in ('TOXICITY', 'INTOLERANCE') as is_stopped_for_toxicity,
        row_key,
        source_file,
        source_row
    from {{ ref('int_prior_drug_rows') }}
    where counts_in_lot = 'Y' and not in_index_line
),

ordered as (
    select
        *,
        min(started_date) over (partition by param_set_id, centre_id, patient_key) as first_started_date,
        row_number() over (
            partition by param_set_id, centre_id, patient_key
            order by is_stopped_for_toxicity desc, started_date asc, row_key asc
        ) as drug_number
    from prior_drugs
),

prior_therapy as (
    select
        param_set_id, centre_id, patient_key, first_started_date, is_stopped_for_toxicity, source_file, source_row
    from ordered
    where drug_number = 1
)

select * from prior_therapy
