-- One row per R6 parameter set, patient, index component and exposure episode of the index treatment.
-- R2.4, R7.6: last dose and supply up to the next line and the end of observation, the day on which the grace ends, and
-- the recorded reason to stop, if no dose of the component followed it (an order's state is no reason).
{%- set keys = 'param_set_id, centre_id, patient_key, component' %}
with episodes as (select * from {{ ref('int_treatment_episodes') }}),

parameters as (select param_set_id, oral_grace_days from {{ ref('int_parameters_r2') }}),

drug_rows as (
    select *, coalesce(end_date, start_date) as row_end_date, is_kept and source_kind <> 'RETURN' as is_dose
    from {{ ref('int_drug_rows_selected') }}
    where
        unusable_reason is null
        and (is_kept or reason_stop is not null)
        and (stated_end_date is null or {{ by_cutoff('stated_end_date', 'data_cutoff') }} or is_kept)
),

given as (
    select
        episodes.*,
        parameters.oral_grace_days,
        drug_rows.start_date as row_date,
        drug_rows.row_end_date,
        drug_rows.is_dose,
        drug_rows.is_oral = 'Y' as is_oral,
        drug_rows.reason_stop,
        drug_rows.row_key,
        drug_rows.source_file,
        drug_rows.source_row,
        max(case when drug_rows.is_dose then drug_rows.start_date end) over (
            partition by episodes.param_set_id, episodes.centre_id, episodes.patient_key, episodes.component
        ) as last_row_date
    from episodes
    inner join parameters on episodes.lines_param_set_id = parameters.param_set_id
    inner join drug_rows
        on
            episodes.lines_param_set_id = drug_rows.param_set_id
            and episodes.centre_id = drug_rows.centre_id
            and episodes.patient_key = drug_rows.patient_key
            and episodes.drug_key = drug_rows.drug_key
            and episodes.local_route = drug_rows.local_route
            and episodes.start_date <= drug_rows.row_end_date
            and episodes.covered_through_date >= drug_rows.start_date
    where episodes.last_day is null or drug_rows.start_date <= episodes.last_day
),

dosed as (
    select
        {{ keys }},
        episode_id,
        next_line_date,
        death_status,
        data_cutoff,
        case
            when last_day < last_dose_date and not bool_or(is_oral)
                then coalesce(max(case when is_dose and row_end_date <= last_day then row_end_date end), last_day)
            else least(last_dose_date, last_day)
        end as last_dose_date,
        least(covered_through_date, last_day) as covered_through_date,
        case
            when bool_or(is_oral) then {{ days_after('covered_through_date', 'max(oral_grace_days)') }}
            else {{ days_after('covered_through_date', days_between('last_dose_date', 'covered_through_date')) }} + 1
        end as grace_end_date,
        {{ value_of_last('case when row_end_date >= last_row_date then reason_stop end', 'row_end_date || row_key') }}
            as stop_reason,
        {{ value_of_last('case when is_dose then source_file end', 'row_date || row_key') }} as source_file,
        {{ value_of_last('case when is_dose then source_row end', 'row_date || row_key') }} as source_row
    from given
    group by
        {{ keys }}, episode_id, next_line_date, death_status, data_cutoff, last_dose_date, covered_through_date,
        last_day
)

select * from dosed
