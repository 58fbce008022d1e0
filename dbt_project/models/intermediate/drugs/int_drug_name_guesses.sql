-- One row per unresolved drug name and part that is near to exactly one drug.
-- R1.10: few edits away from the names of one drug and of no other; short names and look-alikes are never guessed.
with readings as (select * from {{ ref('int_drug_name_readings') }}),

matches as (select raw_name, part_no from {{ ref('int_drug_name_matches') }}),

aliases as (select * from {{ ref('int_drug_aliases') }}),

look_alikes as (select drug_key from {{ ref('drug_look_alikes') }}),

parameters as (select * from {{ ref('int_parameters_r1') }}),

unresolved as (
    select distinct
        readings.raw_name,
        readings.part_no,
        readings.reading_key,
        regexp_matches(readings.reading_key, '^[ -~]+$') as is_latin
    from readings
    left join matches on readings.raw_name = matches.raw_name and readings.part_no = matches.part_no
    where matches.raw_name is null and readings.facet = 'WHOLE' and readings.match_method = 'SUFFIX'
),

allowed as (
    select
        unresolved.raw_name,
        unresolved.part_no,
        unresolved.reading_key,
        case
            when unresolved.is_latin then parameters.fuzzy_min_len_latin
            else parameters.fuzzy_min_len_cjk
        end as min_length,
        case
            when unresolved.is_latin and length(unresolved.reading_key) >= parameters.fuzzy_long_len_latin
                then parameters.fuzzy_long_max_edits
            else 1
        end as max_edits
    from unresolved
    cross join parameters
),

near as (
    select
        allowed.raw_name,
        allowed.part_no,
        aliases.drug_key
    from allowed
    inner join aliases
        on
            length(allowed.reading_key) >= allowed.min_length
            and length(aliases.alias_key) >= allowed.min_length
            and abs(length(allowed.reading_key) - length(aliases.alias_key)) <= allowed.max_edits
    where {{ character_edits('allowed.reading_key', 'aliases.alias_key') }} <= allowed.max_edits
),

only_one as (
    select
        raw_name,
        part_no,
        min(drug_key) as drug_key
    from near
    group by raw_name, part_no
    having count(distinct drug_key) = 1
),

guesses as (
    select
        only_one.raw_name,
        only_one.part_no,
        only_one.drug_key
    from only_one
    left join look_alikes on only_one.drug_key = look_alikes.drug_key
    where look_alikes.drug_key is null
)

select * from guesses
