-- One row per failing derived row.
-- DQ073: the last prior checkpoint-inhibitor dose precedes the index date.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ073'
