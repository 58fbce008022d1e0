-- One row per distinct unit of a laboratory result or vital sign in the lake.
-- R8.4: the unit as this warehouse spells it; one that the list does not have stays as its folded text.
with patterns as (select * from {{ ref('int_drug_name_patterns') }}),

unit_texts as (
    select unit as unit_text from {{ source('lake', 'lab') }} where unit is not null
    union
    select unit as unit_text from {{ source('lake', 'vital') }} where unit is not null
),

unit_keys as (
    select
        unit_texts.unit_text,
        regexp_replace({{ lookup_key(canonical_text('unit_texts.unit_text')) }}, '^[x*]', '') as unit_key
    from unit_texts
    cross join patterns
),

listed_units as (
    select distinct
        regexp_replace({{ lookup_key(canonical_text('listed.written')) }}, '^[x*]', '') as unit_key,
        listed.unit
    from {{ ref('lab_units') }} as listed
    cross join patterns
),

units as (
    select
        unit_keys.unit_text,
        coalesce(listed_units.unit, nullif(unit_keys.unit_key, '')) as unit
    from unit_keys
    left join listed_units on unit_keys.unit_key = listed_units.unit_key
)

select * from units
