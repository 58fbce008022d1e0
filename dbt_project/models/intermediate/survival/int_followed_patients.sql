-- One row per R6 parameter set and patient with an index date.
-- R6: whose time runs, from when, up to which cutoff, and under which parameter sets the facts upstream stand.
{{ config(materialized='view') }}

with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

param_sets as (select param_set_id from {{ source('protocol', 'param_sets') }} where rule_family = 'R6'),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

followed as (
    select
        param_sets.param_set_id,
        response_set.upstream_param_set_id as response_param_set_id,
        cohort_set.upstream_param_set_id as cohort_param_set_id,
        stream_set.upstream_param_set_id as stream_param_set_id,
        lines_set.upstream_param_set_id as lines_param_set_id,
        index_dates.index_type,
        index_dates.index_line_seq,
        index_dates.index_line_start_date,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        index_dates.data_cutoff,
        index_dates.source_table,
        index_dates.source_file,
        index_dates.source_row
    from param_sets
    inner join upstream as response_set
        on param_sets.param_set_id = response_set.param_set_id and response_set.upstream_family = 'R5'
    inner join upstream as cohort_set
        on param_sets.param_set_id = cohort_set.param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as lines_set
        on param_sets.param_set_id = lines_set.param_set_id and lines_set.upstream_family = 'R2'
    inner join upstream as stream_set
        on param_sets.param_set_id = stream_set.param_set_id and stream_set.upstream_family = 'RS'
    inner join index_dates on cohort_set.upstream_param_set_id = index_dates.param_set_id
)

select * from followed
