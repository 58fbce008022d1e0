-- One row per condition prior_therapy_failed and patient screened.
-- R3.2 I4: prior systemic therapy, then progression, or a stop for toxicity; without either it fails if imaging shows
-- none, and is unknown if nothing was imaged.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'prior_therapy_failed'),

outcomes as (select * from {{ ref('int_prior_therapy_outcomes') }}),

reasoned as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case
            when asked.index_date is null then 'NO_INDEX'
            when outcomes.patient_key is null then 'NO_PRIOR_SYSTEMIC_THERAPY'
            when outcomes.progression_date is not null then 'PROGRESSED'
            when outcomes.is_stopped_for_toxicity then 'STOPPED_FOR_TOXICITY'
            when outcomes.is_imaged then 'NO_PROGRESSION_DOCUMENTED'
            else 'PROGRESSION_UNKNOWN'
        end as reason,
        outcomes.progression_date is not null as is_progressed,
        coalesce(outcomes.progression_table, case when outcomes.patient_key is not null then 'drug_row' end)
            as source_table,
        outcomes.progression_file,
        outcomes.progression_row,
        outcomes.source_file as drug_file,
        outcomes.source_row as drug_row
    from asked
    left join outcomes
        on
            asked.param_set_id = outcomes.param_set_id
            and asked.centre_id = outcomes.centre_id
            and asked.patient_key = outcomes.patient_key
),

judged as (
    select
        param_set_id,
        criterion_id,
        condition_no,
        centre_id,
        patient_key,
        case
            when reason in ('PROGRESSED', 'STOPPED_FOR_TOXICITY') then 'MET'
            when reason in ('NO_PRIOR_SYSTEMIC_THERAPY', 'NO_PROGRESSION_DOCUMENTED') then 'NOT_MET'
            else 'UNKNOWN'
        end as status,
        reason,
        source_table,
        case when is_progressed then progression_file else drug_file end as source_file,
        case when is_progressed then progression_row else drug_row end as source_row
    from reasoned
)

select * from judged
