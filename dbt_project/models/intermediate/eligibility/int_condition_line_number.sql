-- One row per condition line_number and patient screened.
-- R3.2, R2.6: the index line's number lies inside the bounds; a course that does not count as a line has no number and
-- fails.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'line_number'),

lines as (
    select param_set_id, centre_id, patient_key, line_seq, first_source_file, first_source_row
    from {{ ref('int_lines_of_therapy') }}
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case
            when asked.index_date is null then 'UNKNOWN'
            when asked.index_line_no is null then 'NOT_MET'
            when asked.index_line_no < asked.number_min or asked.index_line_no > asked.number_max then 'NOT_MET'
            else 'MET'
        end as status,
        case
            when asked.index_date is null then 'NO_INDEX'
            when asked.index_line_no is null then 'LINE_NOT_COUNTED'
            when asked.index_line_no < asked.number_min then 'LINE_BELOW_MIN'
            when asked.index_line_no > asked.number_max then 'LINE_ABOVE_MAX'
            else 'LINE_IN_RANGE'
        end as reason,
        case when lines.line_seq is not null then 'drug_row' end as source_table,
        lines.first_source_file as source_file,
        lines.first_source_row as source_row
    from asked
    left join lines
        on
            asked.lines_param_set_id = lines.param_set_id
            and asked.centre_id = lines.centre_id
            and asked.patient_key = lines.patient_key
            and asked.index_line_seq = lines.line_seq
)

select * from judged
