-- One row per failing derived row.
-- DQ024: duration of response starts at the first response of a responder.
select * from {{ ref('int_derivation_failures') }} where check_id = 'DQ024'
