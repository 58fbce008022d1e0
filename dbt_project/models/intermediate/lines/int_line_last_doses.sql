-- One row per R2 parameter set, patient and line of therapy.
-- R2.4: last dose of the line: the last administration before the next line, else the day before it (approximate).
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with members as (select * from {{ ref('int_line_episodes') }}),

openings as (select * from {{ ref('int_line_openings') }}),

episodes as (select * from {{ ref('int_exposure_episodes') }}),

drug_rows as (
    select *
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_oral = 'N' and source_kind <> 'RETURN'
),

given as (
    select
        members.param_set_id,
        members.centre_id,
        members.patient_key,
        members.line_seq,
        episodes.drug_key,
        episodes.start_date,
        episodes.last_dose_date,
        openings.start_date as line_start_date,
        openings.next_start_date,
        coalesce(episodes.last_dose_date >= openings.next_start_date, false) as is_cut
    from members
    inner join openings using ({{ keys }}, line_seq)
    inner join episodes using ({{ keys }}, episode_id)
),

administered as (
    select
        given.param_set_id,
        given.centre_id,
        given.patient_key,
        given.line_seq,
        given.drug_key,
        max(coalesce(drug_rows.end_date, drug_rows.start_date)) as administered_date
    from given
    inner join drug_rows
        on
            given.param_set_id = drug_rows.param_set_id
            and given.centre_id = drug_rows.centre_id
            and given.patient_key = drug_rows.patient_key
            and given.drug_key = drug_rows.drug_key
            and given.start_date <= drug_rows.start_date
            and given.next_start_date > coalesce(drug_rows.end_date, drug_rows.start_date)
    where given.is_cut
    group by given.param_set_id, given.centre_id, given.patient_key, given.line_seq, given.drug_key
),

cut as (
    select
        given.*,
        case
            when given.is_cut
                then coalesce(administered.administered_date, {{ days_after('given.next_start_date', -1) }})
            else given.last_dose_date
        end as last_dose_in_line_date,
        given.is_cut and administered.administered_date is null as is_approximate
    from given
    left join administered using ({{ keys }}, line_seq, drug_key)
),

last_doses as (
    select
        {{ keys }},
        line_seq,
        max(last_dose_in_line_date) as last_dose_date,
        max_by(is_approximate, last_dose_in_line_date || cast(is_approximate as varchar)) as is_last_dose_approximate
    from cut
    group by {{ keys }}, line_seq
)

select * from last_doses
