-- One row per distinct drug name of the lake.
-- R1.1, R1.3, R1.4: canonical text, the text without tags, and without strengths; marks of own supply and of trials.
with drug_rows as (select * from {{ ref('stg_drug_row') }}),

patterns as (select * from {{ ref('int_drug_name_patterns') }}),

units as (select unit, mg_per_unit from {{ ref('strength_units') }}),

names as (select distinct raw_name from drug_rows),

canonical as (
    select
        names.raw_name,
        {{ canonical_text('names.raw_name') }} as canonical_name
    from names
    cross join patterns
),

tagless as (
    select
        canonical.raw_name,
        canonical.canonical_name,
        {{ without('canonical.canonical_name', 'patterns.tag_pattern') }} as tagless_name,
        regexp_matches(canonical.canonical_name, patterns.own_supply_pattern) as is_own_supply,
        regexp_matches(canonical.canonical_name, patterns.trial_pattern) as is_trial_drug,
        regexp_extract(canonical.canonical_name, patterns.mass_pattern) as mass
    from canonical
    cross join patterns
),

bare as (
    select
        tagless.raw_name,
        tagless.canonical_name,
        tagless.tagless_name,
        {{ without('tagless.tagless_name', 'patterns.strength_pattern') }} as bare_name,
        tagless.is_own_supply,
        tagless.is_trial_drug,
        {{ mass_number('tagless.mass') }} * units.mg_per_unit as strength_mg
    from tagless
    cross join patterns
    left join units on {{ mass_unit('tagless.mass') }} = units.unit
)

select * from bare
