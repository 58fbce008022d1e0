-- One row per check and lesion row that the check looked at.
-- R10: doubles and impossible diameters (DQ017, DQ046: those that passed), targets without organ or kind (DQ040),
-- diameters in the wrong unit (DQ047).
{{ config(materialized='view') }}

with lesions as (select * from {{ ref('stg_lesion') }}),

measured as (
    select
        *,
        case when mm > 0 and scan_lo is not null then mm end as diameter
    from lesions
),

with_previous as (
    select
        *,
        lag(diameter) over (
            partition by centre_id, patient_key, reader, lesion_id, diameter is not null
            order by scan_lo, scan_hi, row_key
        ) as previous_diameter
    from measured
),

flags as (
    select
        'lesion' as table_name,
        centre_id,
        patient_key,
        row_key,
        source_file,
        source_row,
        cast(null as varchar) as param_set_id,
        case when coalesce(tp, cast(scan_lo as varchar)) is not null then false end as dq017,
        case when role = 'TARGET' then organ is null or is_node is null end as dq040,
        case when mm is not null then false end as dq046,
        greatest(diameter, previous_diameter)
        >= least(diameter, previous_diameter) * {{ dq_limit('DQ047', 'diameter', 'max') }} as dq047
    from with_previous
),

looked_at as ({{ by_check('flags', ['DQ017', 'DQ040', 'DQ046', 'DQ047']) }})

select * from looked_at where is_failed is not null
