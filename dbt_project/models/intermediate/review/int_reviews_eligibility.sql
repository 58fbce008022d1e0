-- One row per R3 parameter set, patient and criterion that a reviewer has to settle.
-- R3.2: mixed histology, and what nobody recorded, where every other criterion lets the patient pass. The evidence is
-- the criterion's status and reason and the row that decided it: another row that decides asks anew.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with judged as (
    select
        *,
        status <> 'MET' and (status = 'UNKNOWN' or reason = 'MIXED_HISTOLOGY') as is_open,
        status = 'MET' or (status = 'UNKNOWN' and unknown_policy = 'include_flag') as passes
    from {{ ref('int_criteria_judged') }}
),

others as (
    select {{ keys }}, count(*) filter (where not passes and not is_open) as n_settled_failures
    from judged
    group by {{ keys }}
),

reviews as (
    select
        'R3.2' as rule,
        judged.criterion_id as item,
        judged.param_set_id,
        judged.centre_id,
        judged.patient_key,
        judged.reason as review_reason,
        judged.status as value,
        'MET|NOT_MET' as choices,
        {{ dbt.hash(
            "concat_ws('|', judged.criterion_id, judged.status, judged.reason, judged.source_table, "
            ~ "judged.source_file, judged.source_row)"
        ) }} as evidence,
        cast(null as date) as evidence_date,
        judged.source_table,
        judged.source_file,
        judged.source_row
    from judged
    inner join others
        on
            judged.param_set_id = others.param_set_id
            and judged.centre_id = others.centre_id
            and judged.patient_key = others.patient_key
    where judged.is_open and others.n_settled_failures = 0
)

select * from reviews
