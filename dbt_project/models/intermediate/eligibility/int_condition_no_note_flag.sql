-- One row per condition no_note_flag and patient screened.
-- R3.2 I6, E2: met unless a reviewed note up to the reference date carries one of the flags; a note that may be later
-- is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'no_note_flag'),

codes as (
    select param_set_id, criterion_id, condition_no, code_from as flag
    from {{ source('protocol', 'condition_codes') }}
    where role = 'flag'
),

notes as (
    select centre_id, patient_key, flag, date_lo, date_hi, row_key, source_file, source_row
    from {{ ref('stg_clinical_note_flag') }}
),

flagged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        codes.flag,
        case
            when notes.date_lo is null or notes.date_hi > asked.limit_date then 'UNKNOWN' else 'NOT_MET'
        end as status,
        notes.date_lo,
        notes.row_key,
        notes.source_file,
        notes.source_row
    from asked
    inner join codes
        on
            asked.param_set_id = codes.param_set_id
            and asked.criterion_id = codes.criterion_id
            and asked.condition_no = codes.condition_no
    inner join notes
        on asked.centre_id = notes.centre_id and asked.patient_key = notes.patient_key and codes.flag = notes.flag
    where asked.limit_date is null or notes.date_lo is null or notes.date_lo <= asked.limit_date
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, condition_no, centre_id, patient_key
            order by status = 'NOT_MET' desc, date_lo, flag asc, row_key asc
        ) as note_number
    from flagged
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        coalesce(ordered.status, 'MET') as status,
        coalesce(ordered.flag, 'NOT_FLAGGED') as reason,
        case when ordered.status is not null then 'clinical_note_flag' end as source_table,
        ordered.source_file,
        ordered.source_row
    from asked
    left join ordered
        on
            asked.param_set_id = ordered.param_set_id
            and asked.criterion_id = ordered.criterion_id
            and asked.condition_no = ordered.condition_no
            and asked.centre_id = ordered.centre_id
            and asked.patient_key = ordered.patient_key
            and ordered.note_number = 1
)

select * from judged
