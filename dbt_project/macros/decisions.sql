{# Reviews with the decision on each. A decision holds for the evidence that it was made on: for the fingerprint that
   it names, or, when it names none, while no row that the review stands on was extracted after it (of a review that does
   not say when: no row of the patient in the table that it names). A decision whose evidence has changed is EXPIRED, one
   whose value the review does not offer is INVALID: neither has an effect. A review without a decision is OPEN. #}
{% macro with_decisions(reviews) %}
select
    reviews.*,
    case
        when decisions.rule is null then 'OPEN'
        when not {{ is_choice('decisions.decided_value', 'reviews.choices') }} then 'INVALID'
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

{# Whether a review offers a value: one of its choices, which are parted by |, or a day between the two days of a choice
   such as 2024-01-01..2024-12-31 (no second day: any later day). A review without choices takes any words. #}
{% macro is_choice(value, choices) -%}
{%- set first_day = first_possible_day("regexp_extract(" ~ choices ~ ", '([0-9-]+)[.]{2}', 1)") -%}
{%- set last_day = first_possible_day("regexp_extract(" ~ choices ~ ", '[.]{2}([0-9-]+)', 1)") -%}
case
            when {{ choices }} is null then true
            when {{ value }} is null or {{ value }} like '%|%' or {{ value }} like '%..%' then false
            when {{ date_precision(value) }} = 'D'
                then coalesce({{ first_possible_day(value) }} >= {{ first_day }}, false)
                    and coalesce({{ first_possible_day(value) }} <= {{ last_day }}, {{ last_day }} is null)
            else {{ is_listed(value, choices) }}
        end
{%- endmacro %}
