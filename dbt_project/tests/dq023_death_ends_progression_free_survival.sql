-- One row per failing derived row.
-- DQ023: PFS never ends after OS, and a death is always a PFS event.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ023'
