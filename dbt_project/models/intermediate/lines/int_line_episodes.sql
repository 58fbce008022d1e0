-- One row per R2 parameter set, patient, line of therapy and episode in it.
-- R2.4: the episodes that began in the line, and those of older lines that were still given when it began.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with started as (select {{ keys }}, episode_id, line_seq from {{ ref('int_line_verdicts') }}),

candidates as (select * from {{ ref('int_line_candidates') }}),

openings as (select {{ keys }}, line_seq, start_date as line_start_date from {{ ref('int_line_openings') }}),

carried_over as (
    select
        openings.param_set_id,
        openings.centre_id,
        openings.patient_key,
        candidates.episode_id,
        openings.line_seq
    from openings
    inner join candidates
        on
            openings.param_set_id = candidates.param_set_id
            and openings.centre_id = candidates.centre_id
            and openings.patient_key = candidates.patient_key
            and openings.line_start_date > candidates.start_date
            and openings.line_start_date <= candidates.last_dose_date
),

members as (
    select {{ keys }}, episode_id, line_seq, false as is_carried_over from started
    union all
    select {{ keys }}, episode_id, line_seq, true as is_carried_over from carried_over
)

select * from members
