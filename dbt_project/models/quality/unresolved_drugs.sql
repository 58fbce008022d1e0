-- One row per centre and drug name that a person should look at.
-- R1.10, DQ007, DQ008: names that match no drug, or only a similar one, with how often they occur and, for those that
-- match none, the drugs whose names are nearest or inside it.
with exposures as (select * from {{ ref('int_drug_exposures') }} where review_flag = 'Y'),

readings as (select * from {{ ref('int_drug_name_readings') }} where facet = 'WHOLE' and match_method = 'SUFFIX'),

aliases as (select * from {{ ref('int_drug_aliases') }}),

counted as (
    select
        centre_id,
        raw_name,
        drug_key,
        match_method,
        count(*) as n_rows,
        count(distinct patient_key) as n_patients
    from exposures
    group by centre_id, raw_name, drug_key, match_method
),

unknown as (
    select distinct readings.raw_name, readings.reading_key
    from counted
    inner join readings on counted.raw_name = readings.raw_name
    where counted.drug_key = 'UNRESOLVED'
),

near as (
    select
        unknown.raw_name,
        aliases.drug_key,
        max(
            case when contains(unknown.reading_key, aliases.alias_key) then length(aliases.alias_key) else 0 end
        ) as n_contained,
        min({{ character_edits('unknown.reading_key', 'aliases.alias_key') }}) as n_edits,
        min(length(unknown.reading_key)) as n_characters
    from unknown
    cross join aliases
    where length(aliases.alias_key) > 1
    group by unknown.raw_name, aliases.drug_key
    having n_contained > 0 or 2 * n_edits <= n_characters
),

ranked as (
    select
        raw_name,
        drug_key,
        row_number() over (partition by raw_name order by n_contained desc, n_edits asc, drug_key asc) as candidate_no
    from near
),

candidates as (
    select 'UNRESOLVED' as drug_key, raw_name, string_agg(drug_key, ' | ' order by candidate_no) as candidates
    from ranked
    where candidate_no <= 3
    group by raw_name
),

listed as (
    select counted.*, candidates.candidates
    from counted
    left join candidates on counted.raw_name = candidates.raw_name and counted.drug_key = candidates.drug_key
)

select * from listed
