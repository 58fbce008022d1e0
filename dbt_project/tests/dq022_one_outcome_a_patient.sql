-- One row per failing derived row.
-- DQ022: one row a patient and endpoint, with a censoring code of 0 or more.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ022'
