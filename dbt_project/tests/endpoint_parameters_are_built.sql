-- One row per parameter set whose endpoints ask for a definition that no rule derives.
-- R6.2: a value of a variant parameter that the models do not follow stops the build.
select
    param_set_id,
    parameter,
    value
from {{ source('protocol', 'parameters') }}
where
    rule_family = 'R6'
    and (
        (parameter = 'tte_start' and value <> 'INDEX')
        or (parameter = 'pfs_primary' and value <> 'treatment_policy')
        or (parameter = 'pfs_nact' and value not in ('IGNORE', 'EVENT'))
        or (parameter = 'pfs_nact_censor_at' and value <> 'LAST_ASSESSMENT')
        or (parameter = 'death_event' and value <> 'ANY')
        or (parameter = 'ttnt_scope' and value <> 'ANY_CANCER')
        or (parameter = 'registry_complete_to' and value <> '')
    )
