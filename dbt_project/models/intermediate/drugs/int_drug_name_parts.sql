-- One row per drug name, part of it and facet of the part.
-- R1.9: part 0 is the whole name, parts 1, 2 ... stand between separators.
-- Hospitals write a drug with its brand in brackets, so what the last bracket holds is read too (facets OUTER, INNER).
with names as (select * from {{ ref('int_drug_names') }}),

patterns as (select * from {{ ref('int_drug_name_patterns') }}),

separated as (
    select
        names.raw_name,
        {{ parts_of('names.bare_name', 'patterns.separator_pattern') }} as parts
    from names
    cross join patterns
),

numbered as (
    select
        raw_name,
        unnest(parts) as part_text,
        generate_subscripts(parts, 1) as part_no
    from separated
    where len(parts) > 1
),

texts as (
    select raw_name, 0 as part_no, canonical_name, tagless_name, bare_name
    from names
    union all
    select raw_name, part_no, part_text as canonical_name, part_text as tagless_name, part_text as bare_name
    from numbered
),

bracketed as (
    select
        raw_name,
        part_no,
        regexp_extract(bare_name, '^(.+?) *\(([^()]+)\)$', ['outer', 'inner']) as facets
    from texts
),

facets as (
    select raw_name, part_no, 'WHOLE' as facet, canonical_name, tagless_name, bare_name
    from texts
    union all
    select
        raw_name,
        part_no,
        'OUTER' as facet,
        facets.outer as canonical_name,
        facets.outer as tagless_name,
        facets.outer as bare_name
    from bracketed
    where facets.outer <> ''
    union all
    select
        raw_name,
        part_no,
        'INNER' as facet,
        facets.inner as canonical_name,
        facets.inner as tagless_name,
        facets.inner as bare_name
    from bracketed
    where facets.inner <> ''
)

select * from facets
