{# Reviews with the decision on each. A decision holds for the evidence that it was made on: for the fingerprint that
   it names, or, when it names none, while no newer row of the patient has come in the table that the review names.
   A decision whose evidence has changed is EXPIRED and has no effect; a review without one is OPEN. #}
{% macro with_decisions(reviews) %}
select
    reviews.*,
    case
        when decisions.rule is null then 'OPEN'
        when decisions.decided_evidence = reviews.evidence then 'DECIDED'
        when
            decisions.decided_evidence is null
            and decisions.decided_date >= coalesce(reviews.evidence_date, newest.evidence_date, decisions.decided_date)
            then 'DECIDED'
        else 'EXPIRED'
    end as decision_status,
    decisions.decided_value,
    decisions.decision_reason,
    decisions.decided_by,
    decisions.decided_date,
    decisions.source_file as decision_file,
    decisions.source_row as decision_row
from {{ reviews }} as reviews
left join {{ ref('int_decisions') }} as decisions
    on
        reviews.centre_id = decisions.centre_id
        and reviews.patient_key = decisions.patient_key
        and reviews.rule = decisions.rule
        and reviews.item = decisions.item
left join {{ ref('int_evidence_dates') }} as newest
    on
        reviews.centre_id = newest.centre_id
        and reviews.patient_key = newest.patient_key
        and reviews.source_table is not distinct from newest.table_name
{%- endmacro %}
