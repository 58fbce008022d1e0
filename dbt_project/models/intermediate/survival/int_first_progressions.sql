-- One row per R6 parameter set, start of the time at risk, patient and kind of first progression.
-- R6.2: the first progression or relapse shown by imaging, the first stated by the clinician, and where both exist the
-- later of the two.
with observed as (select * from {{ ref('int_observation_ends') }}),

progressions as (select * from {{ ref('int_progressions_after_index') }}),

in_time as (
    select
        observed.param_set_id,
        observed.at_risk_from,
        observed.centre_id,
        observed.patient_key,
        case
            when progressions.progression_kind = 'CLIN_PD' then 'CLINICAL_PROGRESSION' else 'FIRST_PROGRESSION'
        end as event,
        progressions.progression_date as event_date,
        progressions.event_flag as event_date_flag,
        case
            when progressions.source_table = 'adjudication' then 'ADJUDICATED' else progressions.progression_kind
        end as reason,
        progressions.row_key,
        progressions.source_table,
        progressions.source_file,
        progressions.source_row
    from observed
    inner join progressions
        on
            observed.cohort_param_set_id = progressions.param_set_id
            and observed.centre_id = progressions.centre_id
            and observed.patient_key = progressions.patient_key
            and observed.at_risk_date < progressions.progression_date
    where observed.is_open_ended or progressions.progression_date <= observed.last_counted_date
),

numbered as (
    select
        *,
        row_number() over (
            partition by param_set_id, at_risk_from, centre_id, patient_key, event
            order by event_date, event_date_flag, row_key
        ) as progression_number
    from in_time
),

firsts as (select * from numbered where progression_number = 1),

later_of_both as (
    select
        *,
        count(*) over (partition by param_set_id, at_risk_from, centre_id, patient_key) as n_kinds,
        row_number() over (
            partition by param_set_id, at_risk_from, centre_id, patient_key
            order by event_date desc, event desc
        ) as from_last
    from firsts
),

kinds as (
    select * exclude (progression_number) from firsts
    union all
    select * exclude (progression_number, n_kinds, from_last) replace ('BOTH_PROGRESSIONS' as event)
    from later_of_both
    where from_last = 1 and n_kinds > 1
)

select * from kinds
