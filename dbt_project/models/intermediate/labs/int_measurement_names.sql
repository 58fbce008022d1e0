-- One row per distinct name of a laboratory test or vital sign in the lake.
-- R8.4: a name is matched whole after folding, without marks, method and material; what stands in brackets must name
-- the same test; a name that matches nothing has no test.
with names as (
    select test as test_name from {{ source('lake', 'lab') }}
    union
    select test as test_name from {{ source('lake', 'vital') }}
),

patterns as (select * from {{ ref('int_drug_name_patterns') }}),

tests as (
    select distinct
        listed.test,
        {{ lookup_key(canonical_text('listed.name')) }} as name_key
    from {{ ref('lab_tests') }} as listed
    cross join patterns
),

canonical as (
    select
        names.test_name,
        {{ canonical_text('names.test_name') }} as canonical_name
    from names
    cross join patterns
),

bare as (
    select
        test_name,
        canonical_name,
        regexp_replace(
            {{ without('canonical_name', "'^[★☆▲△◆◇●○※#*]+|[★☆▲△◆◇●○※*]+$|[(][^()]*法[)]'") }},
            '^(?:血清|血浆|全血|静脉血)|(?:测定|检测)$', '', 'g'
        ) as bare_name
    from canonical
),

keyed as (
    select
        test_name,
        {{ lookup_key('canonical_name') }} as whole_key,
        {{ lookup_key('bare_name') }} as bare_key,
        {{ lookup_key("regexp_extract(bare_name, '^(.+?) *[(]([^()]+)[)]$', 1)") }} as outer_key,
        {{ lookup_key("regexp_extract(regexp_replace(bare_name, '[)]$', ''), '[(]([^()]+)$', 1)") }} as inner_key
    from bare
),

matched as (
    select
        keyed.test_name,
        coalesce(
            whole.test, stripped.test, case when outside.test = inside.test then outside.test end
        ) as test
    from keyed
    left join tests as whole on keyed.whole_key = whole.name_key
    left join tests as stripped on keyed.bare_key = stripped.name_key
    left join tests as outside on keyed.outer_key = outside.name_key
    left join tests as inside on keyed.inner_key = inside.name_key
)

select * from matched
