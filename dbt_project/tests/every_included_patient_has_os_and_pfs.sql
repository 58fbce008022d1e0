-- One row per included patient and endpoint OS or PFS that the study reports without exactly one time.
-- R9.10: events and censored sum to the number of included patients; a clock that starts at a diagnosis of unknown
-- day, or a cause of death that the study wants left unknown, gives no time.
select
    cohort.study_id,
    cohort.variant,
    cohort.centre_id,
    cohort.patient_key,
    endpoints.paramcd
from {{ ref('study_cohort') }} as cohort
inner join {{ source('protocol', 'endpoints') }} as endpoints
    on cohort.study_id = endpoints.study_id and cohort.variant = endpoints.variant
inner join {{ ref('int_endpoints') }} as definitions
    on endpoints.param_set_id = definitions.param_set_id and endpoints.paramcd = definitions.paramcd
left join {{ ref('survival_times') }} as times
    on
        cohort.study_id = times.study_id
        and cohort.variant = times.variant
        and cohort.centre_id = times.centre_id
        and cohort.patient_key = times.patient_key
        and endpoints.paramcd = times.paramcd
where
    cohort.is_included
    and endpoints.paramcd in ('OS', 'PFS')
    and definitions.tte_start <> 'DIAGNOSIS'
    and (definitions.death_event = 'ANY' or definitions.death_cause_unknown <> 'UNKNOWN')
group by cohort.study_id, cohort.variant, cohort.centre_id, cohort.patient_key, endpoints.paramcd
having count(times.paramcd) <> 1
