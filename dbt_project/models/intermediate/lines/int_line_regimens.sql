-- One row per R2 parameter set, patient and line of therapy.
-- R2.3: the drugs of the line sorted by name, the classes that they bring, why the last of them was stopped, and the
-- first row that the line stands on.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with members as (select * from {{ ref('int_line_episodes') }}),

episodes as (
    select *, start_date || drug_key || first_row_key as episode_order
    from {{ ref('int_exposure_episodes') }}
),

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
        {{ sorted_text('drug_key', ' + ') }} as regimen,
        coalesce(max(is_ici), 'N') as has_ici,
        coalesce(max(is_pd1_mab), 'N') as has_pd1,
        coalesce(max(is_targeted), 'N') as has_targeted,
        coalesce(max(is_vegfr_tki), 'N') as has_vegfr_tki,
        max(case when {{ is_cytotoxic('class') }} then 'Y' else 'N' end) as has_chemotherapy,
        max(case when class = 'PLATINUM' then 'Y' else 'N' end) as has_platinum,
        max(case when class = 'TAXANE' then 'Y' else 'N' end) as has_taxane,
        max(case when class = 'FLUOROPYRIMIDINE' then 'Y' else 'N' end) as has_fluoropyrimidine,
        max(case when class = 'IRINOTECAN' then 'Y' else 'N' end) as has_irinotecan,
        coalesce(bool_or(class = 'BLINDED'), false) as has_blinded,
        bool_and(coalesce(class, '') = 'BLINDED') as is_investigational,
        bool_or(is_ongoing_at_cutoff) as is_ongoing_at_cutoff,
        nullif(
            max_by(coalesce(reason_stop, ''), last_dose_date || coalesce(reason_stop, '')), ''
        ) as last_reason_stop,
        {{ value_of_first('first_row_key', 'episode_order') }} as first_row_key,
        {{ value_of_first('first_source_file', 'episode_order') }} as first_source_file,
        {{ value_of_first('first_source_row', 'episode_order') }} as first_source_row
    from drugs_of_lines
    group by {{ keys }}, line_seq
)

select * from regimens
