-- One row per R8 parameter set, patient, event (those of one name and day together) and question that a person settles.
-- R8.1, R8.2, R8.6, DQ055: unknown causality texts, doubtful or unnamed events, conflicting or shared grades, onsets
-- that cannot be placed, immune-related events without weight or dose, severe haemorrhages and fistulas.
{%- set questions = [
    ('R8.2', 'UNKNOWN_CAUSALITY_TEXT', 'causality', 'is_causality_unknown'),
    ('R8.3', 'UNCERTAIN_EVENT', 'certainty', "certainty = 'UNCERTAIN'"),
    ('R8.3', 'UNRESOLVED_TERM', "'UNRESOLVED'", "term is null and certainty <> 'UNCERTAIN'"),
    ('R8.3', 'GRADE_OF_A_LIST', 'cast(grade as varchar)', 'is_list_grade'),
    ('R8.3', 'GRADE_CONFLICT', 'cast(grade as varchar)', 'is_grade_conflict'),
    ('R8.1', 'ONSET_UNCLEAR', 'onset_reason', "trtemfl = 'U'"),
    ('R8.6', 'IMMUNE_EVIDENCE_UNCLEAR', 'irae_class', "irae_flag = 'U' and irae_class is not null"),
    ('DQ055', 'VASCULAR_SAFETY_LIST', 'grouped_term', "vascular_safety_flag <> 'N' and term is not null"),
] %}
with events as (select * from {{ ref('int_safety_events') }}),

asked as (
    {% for rule, reason, value, condition in questions %}
        select
            '{{ rule }}' as rule,
            concat_ws(' ', '{{ reason }}', coalesce(term, 'UNRESOLVED'), start_date) as item,
            param_set_id,
            centre_id,
            patient_key,
            '{{ reason }}' as review_reason,
            {{ value }} as value,
            content_hash,
            source_file,
            source_row
        from events
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

reviews as (
    select
        rule,
        item,
        param_set_id,
        centre_id,
        patient_key,
        review_reason,
        {{ value_of_first('value', 'content_hash') }} as value,
        cast(null as varchar) as choices,
        {{ dbt.hash(sorted_text('content_hash', ',')) }} as evidence,
        cast(null as date) as evidence_date,
        'ae' as source_table,
        {{ value_of_first('source_file', 'content_hash') }} as source_file,
        {{ value_of_first('source_row', 'content_hash') }} as source_row
    from asked
    group by rule, item, param_set_id, centre_id, patient_key, review_reason
)

select * from reviews
