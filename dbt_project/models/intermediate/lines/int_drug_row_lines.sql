-- One row per R2 parameter set, drug row that was kept, and drug of it.
-- R2.2, R2.4: the episode that the row belongs to, and the line that was running on its first day; rows of supportive
-- and local drugs belong to no line, capsules brought back before any were taken to no episode.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with drug_rows as (select * from {{ ref('int_drug_rows_selected') }} where is_kept),

episodes as (
    select *, case when counts_in_lot = 'Y' and local_route = 'N' then patient_key end as patient_in_lines
    from {{ ref('int_exposure_episodes') }}
),

openings as (
    select {{ keys }}, line_seq, start_date as line_start_date, next_start_date
    from {{ ref('int_line_openings') }}
),

placed as (
    select
        drug_rows.param_set_id,
        drug_rows.centre_id,
        drug_rows.patient_key,
        drug_rows.row_key,
        drug_rows.part_no,
        episodes.episode_id,
        openings.line_seq,
        openings.line_start_date,
        drug_rows.drug_key,
        drug_rows.is_oral,
        drug_rows.source_kind,
        drug_rows.start_date,
        coalesce(drug_rows.end_date, drug_rows.start_date) as last_date,
        coalesce(drug_rows.cycle_days, episodes.cycle_days) as cycle_days,
        drug_rows.dose,
        drug_rows.dose_unit,
        drug_rows.dose_mg,
        drug_rows.strength_mg,
        drug_rows.qty
    from drug_rows
    left join episodes
        on
            drug_rows.param_set_id = episodes.param_set_id
            and drug_rows.centre_id = episodes.centre_id
            and drug_rows.patient_key = episodes.patient_key
            and drug_rows.drug_key = episodes.drug_key
            and drug_rows.local_route = episodes.local_route
            and drug_rows.is_oral = episodes.is_oral
            and drug_rows.start_date >= episodes.start_date
            and drug_rows.start_date <= episodes.last_start_date
    left join openings
        on
            episodes.param_set_id = openings.param_set_id
            and episodes.centre_id = openings.centre_id
            and episodes.patient_in_lines = openings.patient_key
            and drug_rows.start_date >= openings.line_start_date
            and drug_rows.start_date < {{ open_end('openings.next_start_date') }}
)

select * from placed
