-- One row per R2 parameter set, patient and line of therapy.
-- R2.3: the drugs of the line sorted by name, and the classes that they bring; the first row that the line stands on.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with members as (select * from {{ ref('int_line_episodes') }}),

episodes as (select * from {{ ref('int_exposure_episodes') }}),

drugs_of_lines as (
    select
        {{ keys }},
        members.line_seq,
        episodes.*
        exclude ({{ keys }})
    from members
    inner join episodes using ({{ keys }}, episode_id)
),

regimens as (
    select
        {{ keys }},
        line_seq,
        string_agg(distinct drug_key, ' + ' order by drug_key) as regimen,
        coalesce(max(is_ici), 'N') as has_ici,
        coalesce(max(is_pd1_mab), 'N') as has_pd1,
        coalesce(max(is_targeted), 'N') as has_targeted,
        coalesce(max(is_vegfr_tki), 'N') as has_vegfr_tki,
        bool_or(class = 'BLINDED') as has_blinded,
        bool_and(class = 'BLINDED') as is_investigational,
        bool_or(is_ongoing_at_cutoff) as is_ongoing_at_cutoff,
        {{ value_of_first('first_row_key', "start_date || drug_key || first_row_key") }} as first_row_key,
        {{ value_of_first('first_source_file', "start_date || drug_key || first_row_key") }} as first_source_file,
        {{ value_of_first('first_source_row', "start_date || drug_key || first_row_key") }} as first_source_row
    from drugs_of_lines
    group by {{ keys }}, line_seq
)

select * from regimens
