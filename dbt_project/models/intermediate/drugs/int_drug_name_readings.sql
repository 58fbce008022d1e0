-- One row per drug name, part, facet and step of reading.
-- R1.2 to R1.7: the name whole, then without tags, strengths, dosage forms, salts and biologic suffix, to look up.
with parts as (select * from {{ ref('int_drug_name_parts') }}),

patterns as (select * from {{ ref('int_drug_name_patterns') }}),

formless as (
    select
        parts.*,
        {{ without('parts.bare_name', 'patterns.form_pattern') }} as formless_name
    from parts
    cross join patterns
),

saltless as (
    select
        formless.*,
        {{ without('formless.formless_name', 'patterns.salt_pattern') }} as saltless_name
    from formless
    cross join patterns
),

suffixless as (select *, regexp_replace(saltless_name, '-[a-z][a-z][a-z][a-z]$', '') as suffixless_name from saltless),

steps as (
    select raw_name, part_no, facet, 1 as step_no, 'EXACT' as match_method, canonical_name as reading from suffixless
    union all
    select raw_name, part_no, facet, 2 as step_no, 'TAG' as match_method, tagless_name as reading from suffixless
    union all
    select raw_name, part_no, facet, 3 as step_no, 'STRENGTH' as match_method, bare_name as reading from suffixless
    union all
    select raw_name, part_no, facet, 4 as step_no, 'FORM' as match_method, formless_name as reading from suffixless
    union all
    select raw_name, part_no, facet, 5 as step_no, 'SALT' as match_method, saltless_name as reading from suffixless
    union all
    select raw_name, part_no, facet, 6 as step_no, 'SUFFIX' as match_method, suffixless_name as reading from suffixless
),

keyed as (
    select
        raw_name,
        part_no,
        facet,
        step_no,
        match_method,
        {{ lookup_key('reading') }} as reading_key
    from steps
)

select * from keyed
