-- One row per study, variant, patient and matter that a rule sends to review; study empty for the whole warehouse.
-- R0.1: what stands by the rule, the evidence it stands on, what can be decided, and the decision with its status; a
-- decision on what nobody asks for has a row of its own.
{%- set topics = ['eligibility', 'lines', 'response', 'safety', 'survival'] %}
with reviews as (
    {% for topic in topics %}
        select
            rule,
            item,
            param_set_id,
            centre_id,
            patient_key,
            review_reason,
            value,
            choices,
            evidence,
            evidence_date,
            source_table,
            source_file,
            source_row
        from {{ ref('int_reviews_' ~ topic) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

reviewed as ({{ with_decisions('reviews') }}),

asked as (select distinct centre_id, patient_key, rule, item from reviews),

sets as (select study_id, variant, param_set_id from {{ source('protocol', 'study_param_sets') }}),

published as (
    select
        sets.study_id,
        sets.variant,
        reviewed.centre_id,
        reviewed.patient_key,
        reviewed.rule,
        reviewed.item,
        reviewed.review_reason,
        reviewed.value,
        reviewed.choices,
        reviewed.evidence,
        reviewed.decision_status,
        reviewed.decided_value,
        reviewed.decision_reason,
        reviewed.decided_by,
        reviewed.decided_date,
        reviewed.source_table,
        reviewed.source_file,
        reviewed.source_row
    from reviewed
    left join sets on reviewed.param_set_id = sets.param_set_id
    where sets.study_id is not null or reviewed.param_set_id is null
    union all
    select
        null as study_id,
        null as variant,
        decisions.centre_id,
        decisions.patient_key,
        decisions.rule,
        decisions.item,
        'NOTHING_ASKED' as review_reason,
        null as value,
        null as choices,
        null as evidence,
        'NOT_ASKED' as decision_status,
        decisions.decided_value,
        decisions.decision_reason,
        decisions.decided_by,
        decisions.decided_date,
        decisions.source_table,
        decisions.source_file,
        decisions.source_row
    from {{ ref('int_decisions') }} as decisions
    left join asked using (centre_id, patient_key, rule, item)
    where asked.centre_id is null
)

select * from published
