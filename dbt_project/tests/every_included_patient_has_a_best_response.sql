-- One row per included patient without exactly one best response.
-- R9.10, DQ025: the categories of best response, NE and MISSING among them, sum to the number of included patients.
select
    cohort.study_id,
    cohort.variant,
    cohort.centre_id,
    cohort.patient_key
from {{ ref('study_cohort') }} as cohort
left join {{ ref('best_response') }} as responses
    on
        cohort.study_id = responses.study_id
        and cohort.variant = responses.variant
        and cohort.centre_id = responses.centre_id
        and cohort.patient_key = responses.patient_key
where cohort.is_included
group by cohort.study_id, cohort.variant, cohort.centre_id, cohort.patient_key
having count(responses.bor) <> 1
