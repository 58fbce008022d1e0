-- One row per way of writing a drug, as names are compared.
-- R1.2: drug_key, ingredient, brands, aliases, development codes and listed typos, all in canonical text.
with drugs as (select * from {{ ref('drugs') }}),

patterns as (select * from {{ ref('int_drug_name_patterns') }}),

own_aliases as (select drug_key, alias from {{ ref('drug_aliases') }}),

written as (
    select drug_key, drug_key as drug_name from drugs
    union all
    select drug_key, ingredient_en as drug_name from drugs
    union all
    select drug_key, ingredient_cn as drug_name from drugs
    union all
    select drug_key, {{ rows_of_list('brands_en') }} as drug_name from drugs
    union all
    select drug_key, {{ rows_of_list('brands_cn') }} as drug_name from drugs
    union all
    select drug_key, {{ rows_of_list('aliases') }} as drug_name from drugs
    union all
    select drug_key, alias as drug_name from own_aliases
),

canonical as (
    select
        written.drug_key,
        {{ canonical_text('written.drug_name') }} as canonical_alias
    from written
    cross join patterns
),

keyed as (
    select distinct
        drug_key,
        {{ lookup_key('canonical_alias') }} as alias_key
    from canonical
    where canonical_alias <> ''
)

select * from keyed
