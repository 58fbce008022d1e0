-- One row per study, variant and included patient.
-- R7.1, R7.6: on treatment at the cutoff, or one reason for its end; duration up to the last dose of the last component
-- (or of the first to stop, by duration_end).
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R7'),

parameters as (select param_set_id, duration_end, days_per_month from {{ ref('int_parameters_r7') }}),

ends as (select * from {{ ref('int_dispositions') }}),

first_stops as (
    select param_set_id, centre_id, patient_key, min(last_dose_date) as last_dose_date
    from ends
    where component <> 'ALL'
    group by param_set_id, centre_id, patient_key
),

ended as (
    select
        included.study_id,
        included.variant,
        parameters.days_per_month,
        ends.*,
        case
            when parameters.duration_end = 'first_of_components' then first_stops.last_dose_date
            else ends.last_dose_date
        end as duration_end_date
    from included
    inner join parameters on included.param_set_id = parameters.param_set_id
    inner join ends
        on
            included.param_set_id = ends.param_set_id
            and included.centre_id = ends.centre_id
            and included.patient_key = ends.patient_key
    left join first_stops
        on
            included.param_set_id = first_stops.param_set_id
            and included.centre_id = first_stops.centre_id
            and included.patient_key = first_stops.patient_key
    where ends.component = 'ALL'
),

published as (
    select
        study_id,
        variant,
        centre_id,
        patient_key,
        coalesce(is_ongoing, false) as is_ongoing,
        reason,
        stop_date,
        last_dose_date,
        duration_end_date,
        cast({{ days_between('index_date', 'duration_end_date') }} + 1 as integer) as duration_days,
        ({{ days_between('index_date', 'duration_end_date') }} + 1) / days_per_month as duration_months,
        end_reason as treatment_end,
        stop_reason_recorded,
        progression_date,
        death_date,
        'drug_row' as source_table,
        source_file,
        source_row
    from ended
)

select * from published
