-- One row per R2 parameter set, patient and line of therapy.
-- R2.4, R2.5: when and why the line began, when the next one began, whether it is curative, its tags and modifications.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with verdicts as (select * from {{ ref('int_line_verdicts') }}),

tags as (
    select {{ keys }}, line_seq, string_agg(tag, ', ' order by rule_row) as tags
    from (select distinct {{ keys }}, line_seq, tag, rule_row from verdicts where tag is not null) as distinct_tags
    group by {{ keys }}, line_seq
),

openings as (
    select
        {{ keys }},
        line_seq,
        line_start_date as start_date,
        bool_or(is_curative) as is_curative,
        min_by(advance_reason, rule_row || case advance_reason when 'PD_RESTART' then '' else verdict end) filter (
            where opens_line
        ) as advance_reason,
        cast(sum(case when is_modification then 1 else 0 end) as integer) as n_modifications,
        min(pd_status_known) as pd_status_known
    from verdicts
    group by {{ keys }}, line_seq, line_start_date
),

followed as (
    select
        openings.*,
        tags.tags,
        lead(openings.start_date) over next_lines as next_start_date,
        lead(openings.advance_reason) over next_lines as next_advance_reason
    from openings
    left join tags using ({{ keys }}, line_seq)
    window next_lines as (
        partition by openings.param_set_id, openings.centre_id, openings.patient_key order by openings.line_seq
    )
)

select * from followed
