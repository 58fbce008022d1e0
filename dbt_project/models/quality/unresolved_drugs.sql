-- One row per centre and drug name that a person should look at.
-- R1.10, DQ007, DQ008: names that match no drug, or only a similar one, with how often they occur.
with exposures as (select * from {{ ref('int_drug_exposures') }} where review_flag = 'Y'),

counted as (
    select
        centre_id,
        raw_name,
        drug_key,
        match_method,
        count(*) as n_rows,
        count(distinct patient_key) as n_patients
    from exposures
    group by centre_id, raw_name, drug_key, match_method
)

select * from counted
