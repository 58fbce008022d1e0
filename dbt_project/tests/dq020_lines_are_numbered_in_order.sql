-- One row per failing derived row.
-- DQ020: a patient's counted lines are numbered 1 to n, and each line starts after the one before.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ020'
