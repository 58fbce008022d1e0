-- One row per condition records_complete and patient screened.
-- R3.2 E4: fails when one of the records that the condition needs is absent; the first absent one in alphabetical
-- order is the reason.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'records_complete'),

codes as (
    select param_set_id, criterion_id, condition_no, code_from as need
    from {{ source('protocol', 'condition_codes') }}
    where role = 'needs'
),

patients as (
    select centre_id, patient_key, sex, birth_ym, age_at_diagnosis from {{ ref('stg_patient') }}
),

stages as (
    select centre_id, patient_key, min(stage_lo) as first_stage_date
    from {{ ref('stg_stage') }}
    where stage_group is not null or m is not null
    group by centre_id, patient_key
),

followed as (
    select distinct asked.param_set_id, asked.criterion_id, asked.condition_no, asked.centre_id, asked.patient_key
    from asked
    inner join {{ ref('int_record_days') }} as record_days
        on
            asked.centre_id = record_days.centre_id
            and asked.patient_key = record_days.patient_key
            and asked.index_date < record_days.record_date
    where {{ by_cutoff('record_days.record_date', 'asked.data_cutoff') }}
),

records as (
    select
        asked.*,
        patients.sex is not null as has_sex,
        patients.birth_ym is not null or patients.age_at_diagnosis is not null as has_birth,
        asked.index_date is not null and asked.index_line_seq is not null as has_index_dose,
        stages.first_stage_date is not null
        and (asked.limit_date is null or stages.first_stage_date <= asked.limit_date) as has_baseline_stage,
        followed.patient_key is not null as has_follow_up
    from asked
    inner join patients on asked.centre_id = patients.centre_id and asked.patient_key = patients.patient_key
    left join stages on asked.centre_id = stages.centre_id and asked.patient_key = stages.patient_key
    left join followed
        on
            asked.param_set_id = followed.param_set_id
            and asked.criterion_id = followed.criterion_id
            and asked.condition_no = followed.condition_no
            and asked.centre_id = followed.centre_id
            and asked.patient_key = followed.patient_key
),

absences as (
    select
        records.param_set_id,
        records.criterion_id,
        records.condition_no,
        records.centre_id,
        records.patient_key,
        min(codes.need) as first_absent
    from records
    inner join codes
        on
            records.param_set_id = codes.param_set_id
            and records.criterion_id = codes.criterion_id
            and records.condition_no = codes.condition_no
    where
        (codes.need = 'sex' and not records.has_sex)
        or (codes.need = 'birth' and not records.has_birth)
        or (codes.need = 'index_dose' and not records.has_index_dose)
        or (codes.need = 'baseline_stage' and not records.has_baseline_stage)
        or (codes.need = 'follow_up' and not records.has_follow_up)
    group by
        records.param_set_id, records.criterion_id, records.condition_no, records.centre_id, records.patient_key
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case when absences.first_absent is null then 'MET' else 'NOT_MET' end as status,
        coalesce('NO_' || upper(absences.first_absent), 'RECORDS_COMPLETE') as reason,
        cast(null as varchar) as source_table,
        cast(null as varchar) as source_file,
        cast(null as bigint) as source_row
    from asked
    left join absences
        on
            asked.param_set_id = absences.param_set_id
            and asked.criterion_id = absences.criterion_id
            and asked.condition_no = absences.condition_no
            and asked.centre_id = absences.centre_id
            and asked.patient_key = absences.patient_key
)

select * from judged
