-- One row per centre, name of a laboratory test or vital sign, and unit that a person should look at.
-- R8.4: names that match no test, and units from which the bounds of their test cannot be reached, with how often.
with names as (select * from {{ ref('int_measurement_names') }}),

written as (
    select centre_id, patient_key, test, unit from {{ ref('stg_lab') }}
    union all
    select centre_id, patient_key, test, unit from {{ ref('stg_vital') }}
),

unit_bound_tests as (select distinct test from {{ ref('int_ctcae_bounds') }} where bounds_unit <> ''),

factors as (select test, unit from {{ ref('lab_unit_factors') }}),

problems as (
    select
        written.centre_id,
        written.patient_key,
        written.test as test_name,
        written.unit as unit_text,
        cast(null as varchar) as test,
        'TEST_UNKNOWN' as problem
    from written
    inner join names on written.test = names.test_name
    where names.test is null
    union all
    select
        measurements.centre_id,
        measurements.patient_key,
        measurements.test_name,
        measurements.unit_text,
        measurements.test,
        case when measurements.unit is null then 'UNIT_BLANK' else 'UNIT_UNKNOWN' end as problem
    from {{ ref('int_measurements') }} as measurements
    inner join unit_bound_tests on measurements.test = unit_bound_tests.test
    left join factors on measurements.test = factors.test and measurements.unit = factors.unit
    where factors.unit is null and measurements.value is not null
),

counted as (
    select
        centre_id,
        test_name,
        coalesce(unit_text, '') as unit_text,
        test,
        problem,
        count(*) as n_rows,
        count(distinct patient_key) as n_patients
    from problems
    group by all
)

select * from counted
