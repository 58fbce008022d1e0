-- One row per episode of treatment and drug exposure that makes it.
-- R2.7: a regimen holds the drug rows of its own line, a cycle those of its own days: a regimen without an end never
-- takes in drugs that came later. What was brought back was not given.
with primary_sets as (
    select distinct param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R2' and variant = 'primary'
),

drug_rows as (
    select *
    from {{ ref('int_drug_row_lines') }}
    where line_seq is not null and source_kind <> 'RETURN'
),

cycles as (select * from {{ ref('int_treatment_cycles') }}),

given as (
    select drug_rows.*
    from drug_rows
    inner join primary_sets on drug_rows.param_set_id = primary_sets.param_set_id
),

links as (
    select
        {{ omop_episode_id('REGIMEN', 'given', 'given.line_start_date', "''") }} as episode_id,
        given.row_key,
        given.part_no
    from given
    union all
    select
        {{ omop_episode_id('CYCLE', 'given', 'cycles.start_date', 'given.line_start_date') }} as episode_id,
        given.row_key,
        given.part_no
    from given
    inner join cycles
        on
            given.param_set_id = cycles.param_set_id
            and given.centre_id = cycles.centre_id
            and given.patient_key = cycles.patient_key
            and given.line_seq = cycles.line_seq
            and given.start_date >= cycles.start_date
            and coalesce(given.start_date < cycles.next_cycle_date, given.start_date <= cycles.last_date)
),

published as (
    select
        links.episode_id,
        {{ omop_drug_exposure_id('links.row_key', 'links.part_no') }} as event_id,
        concepts.concept_id as episode_event_field_concept_id
    from links
    inner join {{ ref('omop_concepts') }} as concepts on concepts.item = 'DRUG_EXPOSURE_FIELD'
)

select * from published
