-- One row per patient, rule and item on which a reviewer decided.
-- R0.1: the latest decision, its value in capitals; of two on one day the one whose content sorts first.
with decisions as (
    select
        *,
        row_number() over (
            partition by centre_id, patient_key, rule, item
            order by decided_hi desc nulls last, value asc, reason asc, row_key asc
        ) as decision_no
    from {{ ref('stg_adjudication') }}
)

select
    centre_id,
    patient_key,
    rule,
    item,
    upper(trim(value)) as decided_value,
    reason as decision_reason,
    decided_by,
    decided_hi as decided_date,
    evidence as decided_evidence,
    'adjudication' as source_table,
    source_file,
    source_row
from decisions
where decision_no = 1
