-- One row per R3 parameter set, patient, source and day of assessment after the index date.
-- R5.3, R5.4: the response as judged, or as a reviewer decided on it while the evidence stands; of two decisions on one
-- assessment the later counts.
{%- set assessment = ['param_set_id', 'centre_id', 'patient_key', 'reader', 'response_date'] %}
with judged as (select * from {{ ref('int_assessments_judged') }}),

reviews as (select * from {{ ref('int_reviews_response') }}),

response_meanings as (
    select
        response,
        is_evaluable = 'Y' as is_evaluable,
        is_progression = 'Y' as is_progression,
        is_response = 'Y' as is_response
    from {{ ref('responses') }}
),

decisions as (
    select
        *,
        row_number() over (
            partition by {{ assessment | join(', ') }} order by decided_date desc nulls last, rule asc, item asc
        ) as decision_no
    from ({{ with_decisions('reviews') }}) as reviewed
    where decision_status = 'DECIDED'
),

settled as (
    select
        judged.* replace (
            coalesce(response_meanings.response, judged.response) as response,
            coalesce(response_meanings.is_evaluable, judged.is_evaluable) as is_evaluable,
            coalesce(response_meanings.is_progression, judged.is_progression) as is_progression,
            coalesce(response_meanings.is_response, judged.is_response) as is_response,
            case when decided.item is null then judged.source_table else 'adjudication' end as source_table,
            case when decided.item is null then judged.source_file else decided.decision_file end as source_file,
            case when decided.item is null then judged.source_row else decided.decision_row end as source_row
        ),
        decided.item is not null as is_adjudicated
    from judged
    left join decisions as decided
        on
            {{ same('judged', 'decided', assessment) }}
            and decided.decision_no = 1
    left join response_meanings on decided.decided_value = response_meanings.response
)

select * from settled
