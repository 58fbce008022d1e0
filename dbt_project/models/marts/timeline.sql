-- One row per study, variant, screened patient and thing that happened, as the study's rules see it.
-- R2, R5, R6, R8: exposure, lines, assessments, progressions, procedures, adverse events and dated events in one list,
-- each with its source row.
{%- set by_set = [
    ("case counts_in_lot when 'Y' then 'TREATMENT' else 'OTHER DRUG' end", 'R2', 'exposure_episodes', 'start_date', 'last_dose_date', 'drug_key',
        "case when is_ongoing_at_cutoff then 'ongoing at cutoff' else reason_stop end"),
    ("'LINE'", 'R2', 'lines_of_therapy', 'start_date', 'last_dose_date',
        "coalesce('line ' || line_no, lower(setting) || ' course') || ': ' || regimen",
        "advance_reason || coalesce(', ended by ' || end_reason, '')"),
    ("'ASSESSMENT'", 'RS', 'int_responses', 'response_date', 'cast(null as date)', 'response', 'reader_used'),
    ("'PROGRESSION'", 'RS', 'int_progressions', 'progression_date', 'cast(null as date)', 'progression_kind',
        "nullif(event_flag, '')"),
] %}
{%- set by_centre = [
    ('DISEASE', 'stg_disease_event', 'event_lo', 'cast(null as date)', "event || coalesce(' ' || organ, '')"),
    ('PATHOLOGY', 'stg_pathology', 'path_lo', 'cast(null as date)',
        "concat_ws(' ', site_icdo, icdo_morphology || coalesce('/' || behaviour, ''))"),
    ('PROCEDURE', 'stg_procedure', 'start_lo', 'end_lo', "kind || coalesce(' ' || dose_gy || ' Gy', '')"),
    ('DEATH RECORD', 'stg_death', 'date_lo', 'cast(null as date)', 'source'),
] %}
with sets as (select * from {{ source('protocol', 'study_param_sets') }}),

cohort as (select study_id, variant, centre_id, patient_key, data_cutoff from {{ ref('study_cohort') }}),

set_keyed as (
    {%- for lane, family, model, start, end, label, detail in by_set %}
        select
            param_set_id,
            '{{ family }}' as rule_family,
            centre_id,
            patient_key,
            {{ lane }} as lane,
            {{ start }} as start_date,
            {{ end }} as end_date,
            {{ label }} as label,
            {{ detail }} as detail,
            source_table,
            source_file,
            source_row
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

recorded as (
    {%- for lane, model, start, end, label in by_centre %}
        select
            centre_id,
            patient_key,
            '{{ lane }}' as lane,
            {{ start }} as start_date,
            {{ end }} as end_date,
            {{ label }} as label,
            '{{ model | replace('stg_', '') }}' as source_table,
            source_file,
            source_row
        from {{ ref(model) }}
        where {{ start }} is not null
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

dated as (
    select
        study_id, variant, centre_id, patient_key, 'EVENT' as lane, event_date as start_date,
        cast(null as date) as end_date, event as label, reason as detail, source_table, source_file, source_row
    from {{ ref('event_dates') }}
    where event_date is not null
    union all
    select
        study_id, variant, centre_id, patient_key, 'ADVERSE EVENT' as lane, start_date, end_date, term as label,
        concat_ws(', ', 'grade ' || grade, causality) as detail, source_table, source_file, source_row
    from {{ ref('adverse_events') }}
    where start_date is not null and term is not null
),

listed as (
    select
        sets.study_id, sets.variant, set_keyed.centre_id, set_keyed.patient_key, set_keyed.lane, set_keyed.start_date,
        set_keyed.end_date, set_keyed.label, set_keyed.detail, set_keyed.source_table, set_keyed.source_file,
        set_keyed.source_row
    from sets
    inner join set_keyed
        on sets.param_set_id = set_keyed.param_set_id and sets.rule_family = set_keyed.rule_family
    union all
    select
        cohort.study_id, cohort.variant, cohort.centre_id, cohort.patient_key, recorded.lane, recorded.start_date,
        recorded.end_date, recorded.label, cast(null as varchar) as detail, recorded.source_table,
        recorded.source_file, recorded.source_row
    from cohort
    inner join recorded on cohort.centre_id = recorded.centre_id and cohort.patient_key = recorded.patient_key
    where {{ by_cutoff('recorded.start_date', 'cohort.data_cutoff') }}
    union all
    select * from dated
)

select * from listed
