-- One row per blocking check beyond its tolerance, with its table, centre, study and variant.
-- R10: a failed row of such a check is a fault of a derivation; nothing is published unless its tolerance is widened.
select check_id, table_name, centre_id, study_id, variant, n_rows, n_fail
from {{ ref('checks') }}
where stops_build = 'Y' and is_exceeded
