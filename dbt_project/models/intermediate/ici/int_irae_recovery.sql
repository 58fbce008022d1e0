-- One row per R4 parameter set and patient with a prior checkpoint-inhibitor dose.
-- R4.6: every immune-related event since the first prior dose is back at the permitted grade by the index date;
-- replaced hormones count as recovered; silence counts only where the centre delivers adverse events and gave the drug
-- itself.
with prior_ici as (select * from {{ ref('int_prior_ici') }} where has_prior_dose),

parameters as (select param_set_id, irae_max_grade from {{ ref('int_parameters_r4') }}),

reporting_centres as (select distinct centre_id from {{ source('lake', 'ae') }}),

events as (
    select
        prior_ici.param_set_id,
        prior_ici.centre_id,
        prior_ici.patient_key,
        adverse_events.term,
        case when adverse_events.certainty = 'CERTAIN' then adverse_events.grade end as grade,
        coalesce(adverse_events.end_hi < prior_ici.index_date, false)
        or adverse_events.endocrine_on_replacement = 'Y' as is_recovered,
        row_number() over (
            partition by prior_ici.param_set_id, prior_ici.centre_id, prior_ici.patient_key, adverse_events.term
            order by
                coalesce(adverse_events.grade_at_lo, adverse_events.start_lo) desc,
                adverse_events.grade desc nulls first,
                adverse_events.row_key asc
        ) as grade_number
    from prior_ici
    inner join {{ ref('int_adverse_events') }} as adverse_events
        on prior_ici.centre_id = adverse_events.centre_id and prior_ici.patient_key = adverse_events.patient_key
    where
        adverse_events.irae_class is not null
        and (adverse_events.irae_needs_steroid = 'N' or adverse_events.is_immune_stated)
        and adverse_events.certainty <> 'NEGATED'
        and adverse_events.start_lo < prior_ici.index_date
        and coalesce(adverse_events.start_hi >= prior_ici.first_prior_date, true)
        and coalesce(adverse_events.grade_at_lo <= prior_ici.index_date, true)
),

judged as (
    select
        events.param_set_id,
        events.centre_id,
        events.patient_key,
        bool_or(not events.is_recovered and coalesce(events.grade > parameters.irae_max_grade, false))
            as has_open_event,
        bool_or(not events.is_recovered and events.grade is null) as has_ungraded_event
    from events
    inner join parameters on events.param_set_id = parameters.param_set_id
    where events.grade_number = 1
    group by events.param_set_id, events.centre_id, events.patient_key
),

recovery as (
    select
        prior_ici.param_set_id,
        prior_ici.centre_id,
        prior_ici.patient_key,
        case
            when judged.has_open_event then 'N'
            when judged.has_ungraded_event then 'U'
            when judged.patient_key is not null then 'Y'
            when reporting_centres.centre_id is null or prior_ici.is_treated_elsewhere then 'U'
            else 'Y'
        end as irae_ok
    from prior_ici
    left join judged
        on
            prior_ici.param_set_id = judged.param_set_id
            and prior_ici.centre_id = judged.centre_id
            and prior_ici.patient_key = judged.patient_key
    left join reporting_centres on prior_ici.centre_id = reporting_centres.centre_id
)

select * from recovery
