-- One row per failing derived row.
-- DQ021: days are end minus start plus the study's added day, and never less than that day.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ021'
