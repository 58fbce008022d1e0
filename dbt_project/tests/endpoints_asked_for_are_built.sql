-- One row per endpoint that a study asks for and no rule derives.
-- R6.2: a study never loses an endpoint in silence; endpoint_sources lists those that exist.
select distinct
    endpoints.study_id,
    endpoints.paramcd
from {{ source('protocol', 'endpoints') }} as endpoints
left join {{ ref('endpoint_sources') }} as built on endpoints.paramcd = built.paramcd
where built.paramcd is null
