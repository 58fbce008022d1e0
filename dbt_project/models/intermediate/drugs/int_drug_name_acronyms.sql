-- One row per drug name, part and drug of the regimen acronym that the part is.
-- R1.9: TP, FP, XELOX and their like stand for several drugs; they are read only where a history says so.
with readings as (select * from {{ ref('int_drug_name_readings') }}),

acronyms as (select * from {{ ref('regimen_acronyms') }}),

keyed_acronyms as (
    select
        drug_seq,
        drug_key,
        is_ambiguous,
        {{ lookup_key('lower(acronym)') }} as acronym_key
    from acronyms
),

expanded as (
    select
        readings.raw_name,
        readings.part_no,
        keyed_acronyms.drug_seq,
        keyed_acronyms.drug_key,
        keyed_acronyms.is_ambiguous
    from readings
    inner join keyed_acronyms on readings.reading_key = keyed_acronyms.acronym_key
    where readings.facet = 'WHOLE' and readings.match_method = 'SUFFIX'
)

select * from expanded
