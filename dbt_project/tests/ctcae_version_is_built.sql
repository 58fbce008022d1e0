-- One row per parameter set that asks for a version of CTCAE whose bounds the warehouse does not hold.
-- R8.4: versions are never mixed; a study that asks for another one than 5.0 stops the build.
select
    param_set_id,
    ctcae_version
from {{ ref('int_parameters_r8') }}
where ctcae_version <> '5.0'
