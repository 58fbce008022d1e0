-- One row per R3 parameter set and patient with an index date.
-- R3.3: latest ECOG up to the index date inside the window, the worst of its day; else the first after it, before the
-- second checkpoint-inhibitor dose (POST).
with index_dates as (
    select param_set_id, centre_id, patient_key, index_date, data_cutoff
    from {{ ref('int_index') }}
    where index_date is not null
),

parameters as (select param_set_id, bl_ecog_before, bl_ecog_after from {{ ref('int_parameters_r3') }}),

scores as (select * from {{ ref('int_ecog_scores') }}),

dose_days as (select * from {{ ref('int_index_ici_doses') }}),

second_doses as (
    select
        param_set_id,
        centre_id,
        patient_key,
        min(dose_date) as second_dose_date
    from dose_days
    where dose_number > 1
    group by param_set_id, centre_id, patient_key
),

in_window as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        scores.ecog,
        scores.score_date,
        scores.score_date > index_dates.index_date as is_post,
        scores.row_key,
        scores.source_file,
        scores.source_row
    from index_dates
    inner join parameters on index_dates.param_set_id = parameters.param_set_id
    inner join scores
        on index_dates.centre_id = scores.centre_id and index_dates.patient_key = scores.patient_key
    left join second_doses
        on
            index_dates.param_set_id = second_doses.param_set_id
            and index_dates.centre_id = second_doses.centre_id
            and index_dates.patient_key = second_doses.patient_key
    where
        scores.score_date >= {{ days_after('index_dates.index_date', '-parameters.bl_ecog_before') }}
        and scores.score_date <= {{ days_after('index_dates.index_date', 'parameters.bl_ecog_after') }}
        and {{ by_cutoff('scores.score_date', 'index_dates.data_cutoff') }}
        and (
            scores.score_date <= index_dates.index_date
            or second_doses.second_dose_date is null
            or scores.score_date < second_doses.second_dose_date
        )
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key
            order by
                is_post asc,
                case when not is_post then score_date end desc,
                score_date,
                ecog desc,
                row_key asc
        ) as score_number
    from in_window
),

baseline as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        'ECOG' as item,
        cast(ordered.ecog as decimal(18, 4)) as value_number,
        ordered.score_date as value_date,
        case when ordered.ecog is null then 'MISSING' when ordered.is_post then 'POST' else '' end as baseline_flag,
        'ecog' as source_table,
        ordered.source_file,
        ordered.source_row
    from index_dates
    left join ordered
        on
            index_dates.param_set_id = ordered.param_set_id
            and index_dates.centre_id = ordered.centre_id
            and index_dates.patient_key = ordered.patient_key
            and ordered.score_number = 1
)

select * from baseline
