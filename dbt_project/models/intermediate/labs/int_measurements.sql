-- One row per laboratory result or vital sign and test that it holds.
-- R8.4, R8.5: test, value and unit as this warehouse spells them; a blood pressure in one cell is two measurements; a
-- result that cannot be read keeps its row, without a value and with the reason.
with names as (select test_name, test from {{ ref('int_measurement_names') }} where test is not null),

texts as (select * from {{ ref('int_result_texts') }}),

ordinal_tests as (select distinct test from {{ ref('ctcae_labs') }} where bound_basis = 'ORDINAL'),

written as (
    select
        centre_id, patient_key, specimen_lo, specimen_precision, test as test_name, value_text, unit as unit_text, lln,
        uln, 'lab' as source_table, row_key, source_file, source_row
    from {{ ref('stg_lab') }}
    union all
    select
        centre_id, patient_key, specimen_lo, specimen_precision, test as test_name, value_text, unit as unit_text, lln,
        uln, 'vital' as source_table, row_key, source_file, source_row
    from {{ ref('stg_vital') }}
),

units as (select unit_text, unit from {{ ref('int_measurement_units') }}),

parts as (
    select test, test as part from (select distinct test from names where test <> 'BP') as single_tests
    union all
    select 'BP' as test, 'SBP' as part
    union all
    select 'BP' as test, 'DBP' as part
),

read_values as (
    select
        written.*,
        parts.part as test,
        units.unit,
        case
            when parts.part = 'SBP' and texts.systolic_value is not null then texts.systolic_value
            when parts.part = 'DBP' and texts.diastolic_value is not null then texts.diastolic_value
            when names.test = 'BP' then null
            when ordinal_tests.test is not null then texts.ordinal_value
            else texts.number_value
        end as value,
        texts.value_flag,
        texts.value_side
    from written
    inner join names on written.test_name = names.test_name
    inner join parts on names.test = parts.test
    left join ordinal_tests on names.test = ordinal_tests.test
    left join texts on written.value_text = texts.value_text
    left join units on written.unit_text = units.unit_text
),

measurements as (
    select
        centre_id,
        patient_key,
        test,
        test_name,
        specimen_lo,
        case when specimen_precision = 'D' then specimen_lo end as specimen_date,
        value_text,
        value,
        case when value is null then '' else value_flag end as value_flag,
        case when value is null then 0 else value_side end as value_side,
        unit_text,
        unit,
        lln,
        case when uln > 0 then uln end as uln,
        case
            when coalesce(trim(value_text), '') = '' then 'VALUE_MISSING'
            when value is null then 'NOT_A_NUMBER'
        end as value_reason,
        row_key,
        source_table,
        source_file,
        source_row
    from read_values
)

select * from measurements
