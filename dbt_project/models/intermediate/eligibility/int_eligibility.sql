-- One row per criterion and patient screened.
-- R3.2: the judged status, or what a reviewer decided on it while the evidence stands; UNKNOWN passes only by policy.
with judged as (select * from {{ ref('int_criteria_judged') }}),

reviews as (select * from {{ ref('int_reviews_eligibility') }}),

decisions as (
    select *
    from ({{ with_decisions('reviews') }}) as reviewed
    where decision_status = 'DECIDED'
),

settled as (
    select
        judged.param_set_id,
        judged.centre_id,
        judged.patient_key,
        judged.criterion_id,
        judged.criterion_seq,
        judged.unknown_policy,
        coalesce(decisions.decided_value, judged.status) as status,
        case when decisions.item is null then judged.reason else 'ADJUDICATED' end as reason,
        case when decisions.item is null then judged.source_table else 'adjudication' end as source_table,
        case when decisions.item is null then judged.source_file else decisions.decision_file end as source_file,
        case when decisions.item is null then judged.source_row else decisions.decision_row end as source_row
    from judged
    left join decisions
        on
            judged.param_set_id = decisions.param_set_id
            and judged.centre_id = decisions.centre_id
            and judged.patient_key = decisions.patient_key
            and judged.criterion_id = decisions.item
)

select
    param_set_id,
    centre_id,
    patient_key,
    criterion_id,
    criterion_seq,
    status,
    reason,
    status = 'MET' or (status = 'UNKNOWN' and unknown_policy = 'include_flag') as passes,
    source_table,
    source_file,
    source_row
from settled
