-- One row per study, variant, included patient and adverse event up to the cutoff.
-- R8.1 to R8.3, R8.6: what happened, when and how badly, whether it began under treatment and was related to it;
-- doubtful events stay with certainty UNCERTAIN and count nowhere; laboratory grades stand apart (B10).
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R8'),

events as (select * from {{ ref('int_safety_events') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        {{ dbt.hash("events.centre_id || '|' || events.row_key || '|' || events.part_no") }} as event_id,
        events.term,
        events.soc,
        events.grouped_term,
        events.certainty,
        events.match_method,
        events.start_date,
        nullif(events.start_flag, '') as start_date_flag,
        events.end_date,
        nullif(events.end_flag, '') as end_date_flag,
        events.is_ongoing_at_cutoff,
        events.grade,
        events.te_grade,
        events.baseline_grade,
        events.causality,
        events.onset_date,
        events.onset_reason,
        events.trtemfl,
        events.relfl,
        events.traefl,
        events.max_grade_flag,
        events.irae_class,
        events.irae_flag,
        events.irae_trtemfl,
        events.haemorrhage_flag,
        events.fistula_flag,
        events.vascular_safety_flag,
        'ae' as source_table,
        events.source_file,
        events.source_row
    from included
    inner join events
        on
            included.param_set_id = events.param_set_id
            and included.centre_id = events.centre_id
            and included.patient_key = events.patient_key
)

select * from published
