-- One row per R2 parameter set, patient and palliative line of therapy with a maintenance phase.
-- R2.4: from the first day when only some of the line's drugs are still given, for at least two of their cycles; drugs
-- that replace each other (one group, or formulations of one ingredient) stand for one, so an exchange is no phase.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with parameters as (select param_set_id, maintenance_min_cycles from {{ ref('int_parameters_r2') }}),

members as (
    select
        {{ keys }},
        openings.line_seq,
        episodes.drug_key,
        coalesce(episodes.sub_group, episodes.base_ingredient) as substitute_group,
        greatest(episodes.start_date, openings.start_date) as given_from_date,
        least(
            episodes.covered_through_date, {{ days_after('openings.next_start_date', -1) }}
        ) as given_through_date,
        greatest(coalesce(episodes.cycle_days, 1), 1) as cycle_days
    from {{ ref('int_line_openings') }} as openings
    inner join {{ ref('int_line_episodes') }} using ({{ keys }}, line_seq)
    inner join {{ ref('int_exposure_episodes') }} as episodes using ({{ keys }}, episode_id)
    where not openings.is_curative
),

stopped as (
    select {{ keys }}, line_seq, substitute_group, max(given_through_date) as stopped_date
    from members
    group by {{ keys }}, line_seq, substitute_group
),

left_over as (
    select
        members.*,
        greatest({{ days_after('stopped.stopped_date', 1) }}, members.given_from_date) as phase_start_date
    from members
    inner join stopped
        on
            members.param_set_id = stopped.param_set_id
            and members.centre_id = stopped.centre_id
            and members.patient_key = stopped.patient_key
            and members.line_seq = stopped.line_seq
            and members.substitute_group <> stopped.substitute_group
            and members.given_through_date > stopped.stopped_date
),

started as (
    select {{ keys }}, left_over.line_seq, min(left_over.phase_start_date) as maintenance_start_date
    from left_over
    inner join parameters using (param_set_id)
    where
        {{ days_between('left_over.phase_start_date', 'left_over.given_through_date') }} + 1
        >= parameters.maintenance_min_cycles * left_over.cycle_days
    group by {{ keys }}, left_over.line_seq
),

phases as (
    select
        {{ keys }},
        started.line_seq,
        started.maintenance_start_date,
        max(members.given_through_date) as maintenance_end_date,
        {{ sorted_text('members.drug_key', ' + ') }} as maintenance_regimen
    from started
    inner join members using ({{ keys }}, line_seq)
    where members.given_through_date >= started.maintenance_start_date
    group by {{ keys }}, started.line_seq, started.maintenance_start_date
)

select * from phases
