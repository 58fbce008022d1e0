-- One row per drug name and part that is resolved by its words.
-- R1: the first step that hits; a name with its brand in brackets is resolved when both name one drug (BRAND).
with readings as (select * from {{ ref('int_drug_name_readings') }}),

aliases as (select * from {{ ref('int_drug_aliases') }}),

hits as (
    select
        readings.raw_name,
        readings.part_no,
        readings.facet,
        {{ value_of_first('aliases.drug_key', 'readings.step_no') }} as drug_key,
        {{ value_of_first('readings.match_method', 'readings.step_no') }} as match_method
    from readings
    inner join aliases on readings.reading_key = aliases.alias_key
    group by readings.raw_name, readings.part_no, readings.facet
),

whole_hits as (select raw_name, part_no, drug_key, match_method from hits where facet = 'WHOLE'),

branded as (
    select
        outside.raw_name,
        outside.part_no,
        outside.drug_key,
        'BRAND' as match_method
    from hits as outside
    inner join hits as inside
        on
            outside.raw_name = inside.raw_name
            and outside.part_no = inside.part_no
            and outside.drug_key = inside.drug_key
    left join whole_hits on outside.raw_name = whole_hits.raw_name and outside.part_no = whole_hits.part_no
    where outside.facet = 'OUTER' and inside.facet = 'INNER' and whole_hits.drug_key is null
),

matched as (
    select * from whole_hits
    union all
    select * from branded
)

select * from matched
