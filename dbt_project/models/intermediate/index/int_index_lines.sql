-- One row per R3 parameter set and patient with an index line.
-- R3.1: the line of therapy that holds the index date; from diagnosis, the first line that follows when none holds it.
with index_dates as (
    select param_set_id, centre_id, patient_key, index_type, index_date
    from {{ ref('int_index_dates') }}
    where index_date is not null
),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

lines as (select * from {{ ref('int_lines_of_therapy') }}),

candidate_lines as (
    select
        index_dates.param_set_id,
        upstream.upstream_param_set_id as lines_param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        lines.line_seq,
        lines.line_no,
        lines.regimen,
        lines.start_date,
        row_number() over (
            partition by index_dates.param_set_id, index_dates.centre_id, index_dates.patient_key
            order by
                case when lines.start_date <= index_dates.index_date then 0 else 1 end,
                case when lines.start_date <= index_dates.index_date then lines.line_seq end desc,
                lines.line_seq
        ) as candidate_number
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join lines
        on
            upstream.upstream_param_set_id = lines.param_set_id
            and index_dates.centre_id = lines.centre_id
            and index_dates.patient_key = lines.patient_key
    where lines.start_date <= index_dates.index_date or index_dates.index_type = 'diagnosis'
),

index_lines as (
    select
        param_set_id,
        lines_param_set_id,
        centre_id,
        patient_key,
        line_seq as index_line_seq,
        line_no as index_line_no,
        regimen as index_regimen,
        start_date as index_line_start_date
    from candidate_lines
    where candidate_number = 1
)

select * from index_lines
