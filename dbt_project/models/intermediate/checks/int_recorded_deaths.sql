-- One row per patient with a dated death record.
-- DQ060, R6.3: the dated record of the source that is believed first; of equals the later, then the smaller key.
{{ config(materialized='view') }}

with deaths as (select * from {{ ref('stg_death') }} where date_lo is not null),

ordered as (
    select
        centre_id,
        patient_key,
        date_lo,
        date_hi,
        row_number() over (
            partition by centre_id, patient_key
            order by
                source = 'REGISTRY' desc,
                source = 'HOSPITAL' desc,
                source = 'FAMILY' desc,
                date_hi desc,
                row_key asc
        ) as belief_rank
    from deaths
),

believed as (select * from ordered where belief_rank = 1)

select * from believed
