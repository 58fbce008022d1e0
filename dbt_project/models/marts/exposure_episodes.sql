-- One row per R2 parameter set, patient and episode of exposure to one drug.
-- R2.2: from first to last dose and covered day, with days, milligrams and delays, and the lines that hold it;
-- meta.study_param_sets says which study uses which set.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with episodes as (select * from {{ ref('int_exposure_episodes') }}),

lines_of_episodes as (
    select {{ keys }}, episode_id, min(line_seq) as first_line_seq, max(line_seq) as last_line_seq
    from {{ ref('int_line_episodes') }}
    group by {{ keys }}, episode_id
),

published as (
    select
        {{ keys }},
        episodes.episode_id,
        episodes.drug_key,
        episodes.class as drug_class,
        episodes.is_oral,
        episodes.local_route,
        episodes.counts_in_lot,
        episodes.start_date,
        episodes.start_flag,
        episodes.last_dose_date,
        episodes.covered_through_date,
        cast(episodes.cycle_days as integer) as cycle_days,
        cast(episodes.on_days as integer) as on_days,
        cast(episodes.total_mg as decimal(18, 4)) as total_mg,
        cast(episodes.n_delays as integer) as n_delays,
        cast(episodes.delay_days as integer) as delay_days,
        episodes.n_rows,
        episodes.intent,
        episodes.planned_maintenance,
        episodes.reason_stop,
        episodes.is_ongoing_at_cutoff,
        lines_of_episodes.first_line_seq,
        lines_of_episodes.last_line_seq,
        'drug_row' as source_table,
        episodes.first_source_file as source_file,
        episodes.first_source_row as source_row
    from episodes
    left join lines_of_episodes using ({{ keys }}, episode_id)
)

select * from published
