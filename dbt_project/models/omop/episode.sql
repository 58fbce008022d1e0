-- One row per episode of disease, its turns, regimens and cycles, of each set of line rules that a study leads with.
-- R2.7: a line of therapy is a regimen numbered as it is counted; an ongoing one has no end. Numbers are hashes of the
-- warehouse's keys.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with primary_sets as (
    select distinct param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R2' and variant = 'primary'
),

concepts as (select item, concept_id from {{ ref('omop_concepts') }}),

lines as (select * from {{ ref('int_lines_of_therapy') }}),

cycles as (select * from {{ ref('int_treatment_cycles') }}),

turns as (select * from {{ ref('int_disease_courses') }}),

beginnings as (
    select {{ keys }}, event_date, item = 'FIRST_OCCURRENCE' as is_diagnosis from turns
    union all
    select {{ keys }}, start_date as event_date, false as is_diagnosis from lines
),

diseases as (
    select
        {{ keys }},
        coalesce(min(case when is_diagnosis then event_date end), min(event_date)) as start_date
    from beginnings
    group by {{ keys }}
),

episodes as (
    select
        {{ keys }}, 'DISEASE' as item, diseases.start_date, cast(null as date) as end_date,
        cast(null as integer) as episode_number, cast(null as varchar) as source_value,
        {{ omop_episode_id('DISEASE', 'diseases', "''", "''") }} as episode_id,
        cast(null as bigint) as parent_id
    from diseases
    union all
    select
        {{ keys }}, item, event_date as start_date, cast(null as date) as end_date,
        cast(row_number() over (partition by {{ keys }}, item order by event_date) as integer) as episode_number,
        item as source_value,
        {{ omop_episode_id('TURN', 'turns', 'event_date', 'item') }} as episode_id,
        {{ omop_episode_id('DISEASE', 'turns', "''", "''") }} as parent_id
    from turns
    union all
    select
        {{ keys }}, 'REGIMEN' as item, start_date,
        case when not is_ongoing_at_cutoff then last_dose_date end as end_date, line_no as episode_number,
        regimen as source_value,
        {{ omop_episode_id('REGIMEN', 'lines', 'start_date', "''") }} as episode_id,
        {{ omop_episode_id('DISEASE', 'lines', "''", "''") }} as parent_id
    from lines
    union all
    select
        {{ keys }}, 'CYCLE' as item, cycles.start_date,
        coalesce({{ days_after('cycles.next_cycle_date', -1) }}, cycles.last_date) as end_date,
        cycles.cycle_no as episode_number,
        cycles.drug_key as source_value,
        {{ omop_episode_id('CYCLE', 'cycles', 'cycles.start_date', 'lines.start_date') }} as episode_id,
        {{ omop_episode_id('REGIMEN', 'cycles', 'lines.start_date', "''") }} as parent_id
    from cycles
    inner join lines using ({{ keys }}, line_seq)
),

published as (
    select
        episodes.episode_id,
        {{ omop_person_id('episodes.centre_id', 'episodes.patient_key') }} as person_id,
        concepts.concept_id as episode_concept_id,
        episodes.start_date as episode_start_date,
        cast(null as timestamp) as episode_start_datetime,
        episodes.end_date as episode_end_date,
        cast(null as timestamp) as episode_end_datetime,
        episodes.parent_id as episode_parent_id,
        episodes.episode_number,
        0 as episode_object_concept_id,
        derived.concept_id as episode_type_concept_id,
        episodes.source_value as episode_source_value,
        0 as episode_source_concept_id,
        episodes.param_set_id,
        episodes.centre_id,
        episodes.patient_key
    from episodes
    inner join primary_sets on episodes.param_set_id = primary_sets.param_set_id
    inner join concepts on episodes.item = concepts.item
    inner join concepts as derived on derived.item = 'DERIVED'
)

select * from published
