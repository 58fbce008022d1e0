-- One row per check, table and centre.
-- R10: rows looked at and rows that failed, under the check's Kahn category; blocking checks stand here too, with the
-- count that let the build pass.
with checks as (select check_id, kahn_category, kahn_subcategory, severity from {{ ref('dq_checks') }}),

centres as (select centre_id from {{ source('lake', 'centres') }}),

landed as (
    select centre_id, table_name, sum(rows_emitted) as rows_emitted, sum(rows_landed) as rows_landed
    from {{ source('lake', 'landing_counts') }}
    group by centre_id, table_name
),

derived_rows as (
    select 'DQ020' as check_id, 'line' as table_name, centre_id from {{ ref('int_lines_of_therapy') }}
    {% for check_id in ['DQ021', 'DQ022', 'DQ023'] %}
        union all
        select '{{ check_id }}' as check_id, 'adtte' as table_name, centre_id from {{ ref('int_survival_times') }}
    {% endfor %}
    union all
    select 'DQ024' as check_id, 'adtte' as table_name, centre_id
    from {{ ref('int_survival_times') }}
    where paramcd = 'DOR'
    union all
    select 'DQ073' as check_id, 'ici' as table_name, centre_id from {{ ref('int_treatment_free_intervals') }}
),

derived_checks as (
    select 'DQ020' as check_id, 'line' as table_name
    {% for check_id in ['DQ021', 'DQ022', 'DQ023', 'DQ024'] %}
        union all
        select '{{ check_id }}' as check_id, 'adtte' as table_name
    {% endfor %}
    union all
    select 'DQ073' as check_id, 'ici' as table_name
),

drug_names as (
    select
        centre_id,
        count(*) as n_rows,
        count(*) filter (where drug_key = 'UNRESOLVED') as n_unresolved,
        count(*) filter (where match_method = 'FUZZY') as n_fuzzy
    from {{ ref('int_drug_exposures') }}
    group by centre_id
),

rejections as (
    select centre_id, table_name, check_id, n_rows as n_fail from {{ ref('int_staging_rejections') }}
    union all
    select centre_id, 'ecog' as table_name, 'DQ013' as check_id, 0 as n_fail from centres
),

counted as (
    select check_id, table_name, centre_id, 0 as n_rows, n_rows as n_fail
    from {{ source('lake', 'quarantine_counts') }}
    union all
    select check_id, table_name, centre_id, 0 as n_rows, n_fail from rejections
    union all
    select 'DQ007' as check_id, 'drug_row' as table_name, centre_id, n_rows, n_unresolved as n_fail from drug_names
    union all
    select 'DQ008' as check_id, 'drug_row' as table_name, centre_id, n_rows, n_fuzzy as n_fail from drug_names
    union all
    select derived_checks.check_id, derived_checks.table_name, centres.centre_id, 0 as n_rows, 0 as n_fail
    from derived_checks
    cross join centres
    union all
    select check_id, table_name, centre_id, 1 as n_rows, 0 as n_fail from derived_rows
    union all
    select check_id, table_name, centre_id, 0 as n_rows, 1 as n_fail from {{ ref('int_derivation_failures') }}
),

summed as (
    select
        counted.check_id,
        counted.table_name,
        counted.centre_id,
        cast(coalesce(nullif(sum(counted.n_rows), 0), max(landed.rows_emitted), 0) as bigint) as n_rows,
        cast(sum(counted.n_fail) as bigint) as n_fail
    from counted
    left join landed on counted.centre_id = landed.centre_id and counted.table_name = landed.table_name
    group by counted.check_id, counted.table_name, counted.centre_id
),

described as (
    select
        summed.check_id,
        checks.kahn_category,
        checks.kahn_subcategory,
        checks.severity,
        summed.table_name,
        summed.centre_id,
        summed.n_rows,
        summed.n_fail,
        cast(100 * summed.n_fail as double) / nullif(summed.n_rows, 0) as pct
    from summed
    left join checks on summed.check_id = checks.check_id
)

select * from described
