-- One row per condition no_second_primary and patient screened.
-- R3.2 E2: a second primary coded within the given years before the reference date excludes, unless its code is
-- exempt; a patient without coded conditions is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'no_second_primary'),

codes as (
    select param_set_id, criterion_id, condition_no, code_from
    from {{ source('protocol', 'condition_codes') }}
    where role = 'exempt'
),

diagnoses as (
    select centre_id, patient_key, code, kind, date_lo, date_hi, row_key, source_file, source_row
    from {{ ref('stg_diagnosis') }}
),

in_time as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        asked.limit_date,
        cast({{ dbt.dateadd('year', '-asked.years', 'asked.reference_date') }} as date) as first_date,
        diagnoses.code,
        coalesce(diagnoses.kind, '') = 'SECOND_PRIMARY' as is_second_primary,
        diagnoses.date_lo,
        diagnoses.date_hi,
        diagnoses.row_key,
        diagnoses.source_file,
        diagnoses.source_row
    from asked
    inner join diagnoses on asked.centre_id = diagnoses.centre_id and asked.patient_key = diagnoses.patient_key
),

exempted as (
    select in_time.*
    from in_time
    left join codes
        on
            in_time.param_set_id = codes.param_set_id
            and in_time.criterion_id = codes.criterion_id
            and in_time.condition_no = codes.condition_no
            and in_time.is_second_primary
            and in_time.code like codes.code_from || '%'
    where codes.code_from is null
),

judged_diagnoses as (
    select
        *,
        case
            when not is_second_primary or date_lo > limit_date or date_hi < first_date then 'MET'
            when date_lo is null or date_hi > limit_date or date_lo < first_date then 'UNKNOWN'
            else 'NOT_MET'
        end as status
    from exempted
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, condition_no, centre_id, patient_key
            order by status = 'NOT_MET' desc, status = 'UNKNOWN' desc, date_lo, row_key asc
        ) as diagnosis_number
    from judged_diagnoses
),

coded as (
    select distinct param_set_id, criterion_id, condition_no, centre_id, patient_key from in_time
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        coalesce(ordered.status, case when coded.patient_key is null then 'UNKNOWN' else 'MET' end) as status,
        case
            when coded.patient_key is null then 'NO_CODED_CONDITIONS'
            when ordered.status = 'NOT_MET' then 'SECOND_PRIMARY'
            when ordered.status = 'UNKNOWN' then 'DATE_IMPRECISE'
            else 'NO_SECOND_PRIMARY'
        end as reason,
        case when ordered.status <> 'MET' then 'diagnosis' end as source_table,
        case when ordered.status <> 'MET' then ordered.source_file end as source_file,
        case when ordered.status <> 'MET' then ordered.source_row end as source_row
    from asked
    left join coded
        on
            asked.param_set_id = coded.param_set_id
            and asked.criterion_id = coded.criterion_id
            and asked.condition_no = coded.condition_no
            and asked.centre_id = coded.centre_id
            and asked.patient_key = coded.patient_key
    left join ordered
        on
            asked.param_set_id = ordered.param_set_id
            and asked.criterion_id = ordered.criterion_id
            and asked.condition_no = ordered.condition_no
            and asked.centre_id = ordered.centre_id
            and asked.patient_key = ordered.patient_key
            and ordered.diagnosis_number = 1
)

select * from judged
