-- One row per check, table and centre; of a check that depends on a study's parameters, per study and variant as well.
-- R10: rows looked at and rows that failed, under the check's Kahn category, and whether that exceeds its tolerance:
-- the one set for the centre, else the one set for all, else the rule book's. A check with nothing to look at stands
-- here with 0 rows; those on printed numbers (DQ078 to DQ080) are counted at seal.
{%- set grain = 'check_id, table_name, centre_id, study_id, variant' %}
with checks as (select * from {{ ref('dq_checks') }}),

set_tolerances as (select * from {{ source('settings', 'tolerances') }}),

asked as (
    select check_id, {{ rows_of_list('table_names') }} as table_name, scope, stage, stops_build
    from {{ ref('dq_check_tables') }}
),

landing as (select distinct check_id from asked where stage = 'landing'),

places as (
    select 'warehouse' as scope, centre_id, cast(null as varchar) as study_id, cast(null as varchar) as variant
    from {{ source('lake', 'centres') }}
    union all
    select distinct 'study' as scope, centres.centre_id, sets.study_id, sets.variant
    from {{ source('lake', 'centres') }} as centres
    cross join {{ source('protocol', 'study_param_sets') }} as sets
    union all
    select distinct 'pool' as scope, null as centre_id, study_id, variant
    from {{ source('protocol', 'study_param_sets') }}
),

counted as (
    select asked.check_id, asked.table_name, places.centre_id, places.study_id, places.variant, 0 as n_rows, 0 as n_fail
    from asked
    inner join places on asked.scope = places.scope
    union all
    select
        {{ grain }},
        case when check_id in (select landing.check_id from landing) then 0 else n_rows end as n_rows,
        n_fail
    from {{ ref('int_check_counts') }}
    union all
    select {{ grain }}, n_rows, n_fail from {{ ref('int_centre_checks') }}
    union all
    select
        'DQ026' as check_id, 'ae_summary' as table_name, null as centre_id, study_id, variant, 1 as n_rows,
        case when n_g12 + n_g3plus + n_grade_unknown = n_any then 0 else 1 end as n_fail
    from {{ ref('adverse_event_summary') }}
    union all
    select
        asked.check_id, landed.table_name, landed.centre_id, null as study_id, null as variant,
        landed.rows_emitted as n_rows, 0 as n_fail
    from {{ source('lake', 'landing_counts') }} as landed
    inner join asked on landed.table_name = asked.table_name and asked.stage = 'landing'
    union all
    select
        refused.check_id, refused.table_name, refused.centre_id, null as study_id, null as variant,
        case when asked.stage = 'landing' then 0 else refused.n_rows end as n_rows, refused.n_rows as n_fail
    from {{ source('lake', 'quarantine_counts') }} as refused
    inner join asked on refused.check_id = asked.check_id and refused.table_name = asked.table_name
),

summed as (
    select {{ grain }}, cast(sum(n_rows) as bigint) as n_rows, cast(sum(n_fail) as bigint) as n_fail
    from counted
    group by {{ grain }}
),

described as (
    select
        summed.check_id,
        summed.table_name,
        checks.kahn_category,
        checks.kahn_subcategory,
        checks.context,
        checks.severity,
        checks.fires_when,
        checks.action,
        checks.remedy,
        checks.tolerance,
        coalesce(of_centre.tolerance_pct, of_all.tolerance_pct, checks.tolerance_pct) as tolerance_pct,
        stages.stops_build,
        summed.centre_id,
        summed.study_id,
        summed.variant,
        summed.n_rows,
        summed.n_fail,
        cast(100 * summed.n_fail as double) / nullif(summed.n_rows, 0) as pct
    from summed
    inner join checks on summed.check_id = checks.check_id
    inner join {{ ref('dq_check_tables') }} as stages on summed.check_id = stages.check_id
    left join set_tolerances as of_all on summed.check_id = of_all.check_id and of_all.centre_id is null
    left join set_tolerances as of_centre
        on summed.check_id = of_centre.check_id and summed.centre_id = of_centre.centre_id
),

judged as (
    select *, case when n_rows > 0 then 100 * n_fail > tolerance_pct * n_rows end as is_exceeded
    from described
)

select * from judged
