-- One row per distinct text of a laboratory result or vital sign.
-- R8.4, R0.6: a number as a decimal, `<x` with flag L and `>x` with flag G; plus signs of a dipstick; 120/80 as
-- systolic and diastolic; whatever else has no value.
with patterns as (select * from {{ ref('int_drug_name_patterns') }}),

texts as (
    select value_text from {{ source('lake', 'lab') }} where value_text is not null
    union
    select value_text from {{ source('lake', 'vital') }} where value_text is not null
),

folded as (
    select
        texts.value_text,
        regexp_replace(
            {{ canonical_text('texts.value_text') }}, '[↑↓\s]+|^[*]+|[*]+$|[(]?\b[hl]{1,2}\b[)]?$', '', 'g'
        ) as folded_text
    from texts
    cross join patterns
),

compared as (
    select
        value_text,
        folded_text,
        regexp_replace(
            regexp_replace(regexp_replace(folded_text, '^(?:≤|不大于|不高于)', '<='), '^(?:≥|不小于|不低于)', '>='),
            '^=', ''
        ) as inclusive_text
    from folded
),

signed as (
    select
        value_text,
        folded_text,
        regexp_replace(
            regexp_replace(inclusive_text, '^(?:小于|低于)', '<'), '^(?:大于|高于)', '>'
        ) as signed_text
    from compared
),

parts as (
    select
        value_text,
        regexp_extract(
            case
                when regexp_matches(signed_text, '^[<>=]*[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)?$')
                    then replace(signed_text, ',', '')
                else signed_text
            end,
            '^(<=|>=|<|>)?([0-9]+[.]?[0-9]*(?:e[+-]?[0-9]+)?|[.][0-9]+)[hl]{0,2}$',
            ['comparison', 'number']
        ) as measured,
        regexp_extract(folded_text, '^([0-9]{2,3})/([0-9]{2,3})(?:mmhg)?$', ['systolic', 'diastolic']) as pressure,
        regexp_replace(folded_text, '(.)[(][<>=0-9.]+(?:g/l|mg/dl|mg/l)?[)]$', '\1') as ordinal_text
    from signed
),

read_texts as (
    select
        parts.value_text,
        {{ dbt.safe_cast("struct_extract(parts.measured, 'number')", 'decimal(18, 6)') }} as number_value,
        case
            when struct_extract(parts.measured, 'comparison') in ('<', '<=') then 'L'
            when struct_extract(parts.measured, 'comparison') in ('>', '>=') then 'G'
            else ''
        end as value_flag,
        case struct_extract(parts.measured, 'comparison') when '<' then -1 when '>' then 1 else 0 end as value_side,
        cast(ordinals.ordinal as decimal(18, 6)) as ordinal_value,
        {{ dbt.safe_cast("struct_extract(parts.pressure, 'systolic')", 'decimal(18, 6)') }} as systolic_value,
        {{ dbt.safe_cast("struct_extract(parts.pressure, 'diastolic')", 'decimal(18, 6)') }} as diastolic_value
    from parts
    left join {{ ref('ordinal_results') }} as ordinals on parts.ordinal_text = ordinals.written
)

select * from read_texts
