-- One row per R2 parameter set, patient and episode, with the line that it started in and why.
-- R2.4: the verdict of the line machine; on a day that opens a line no verdict adds a tag or a modification.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with steps as (select * from {{ ref('int_line_steps') }}),

rules as (select * from {{ ref('line_rules') }}),

numbered as (
    select
        {{ keys }},
        start_date,
        line_start_date,
        is_curative,
        verdicts,
        dense_rank() over (partition by {{ keys }} order by line_start_date) as line_seq
    from steps
),

unfolded as (
    select
        {{ keys }},
        line_seq,
        line_start_date,
        start_date,
        is_curative,
        {{ rows_of_structs('verdicts') }}
    from numbered
),

verdicts as (
    select
        unfolded.param_set_id,
        unfolded.centre_id,
        unfolded.patient_key,
        unfolded.episode_id,
        unfolded.line_seq,
        unfolded.line_start_date,
        unfolded.is_curative,
        rules.verdict,
        rules.rule_row,
        rules.opens_line = 'Y' as opens_line,
        rules.advance_reason,
        case when unfolded.start_date > unfolded.line_start_date then rules.tag end as tag,
        unfolded.start_date > unfolded.line_start_date and rules.is_modification = 'Y' as is_modification,
        case
            when rules.opens_line = 'Y' or unfolded.start_date > unfolded.line_start_date then rules.pd_status_known
            else 'Y'
        end as pd_status_known
    from unfolded
    inner join rules on {{ verdict_name('unfolded.verdict') }} = rules.verdict
)

select * from verdicts
