-- One row per study and included subject.
-- CDISC ADaM ADSL of each study's primary variant: TRTSDT is the index date, TRT01A the index regimen.
with cohort as (select * from {{ ref('study_cohort') }} where variant = 'primary' and is_included),

cohort_sets as (
    select study_id, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where variant = 'primary' and rule_family = 'R3'
),

patients as (select * from {{ ref('patients') }}),

ages as (select * from {{ ref('int_ages') }}),

baseline as (select * from {{ ref('int_baseline_ecog') }}),

events as (select * from {{ ref('event_dates') }} where variant = 'primary'),

deaths as (select * from events where event = 'DEATH'),

last_alive as (select * from events where event = 'LAST_KNOWN_ALIVE'),

intervals as (select * from {{ ref('treatment_free_intervals') }} where variant = 'primary'),

responses as (select * from {{ ref('best_response') }} where variant = 'primary'),

subjects as (
    select
        cohort.study_id as studyid,
        cohort.study_id || '-' || cohort.centre_id || '-' || cohort.patient_key as usubjid,
        cohort.patient_key as subjid,
        cohort.centre_id as siteid,
        ages.age_years as age,
        'YEARS' as ageu,
        patients.sex,
        cast(cohort.index_date as varchar) as rfstdtc,
        cohort.index_date as trtsdt,
        cohort.index_regimen as trt01a,
        cohort.index_line_no as trtline,
        cohort.prior_lines as priorln,
        cast(baseline.value_number as integer) as ecogbl,
        intervals.prior_ici as priorici,
        intervals.ici_class as iciclass,
        intervals.tfi_months as tfimon,
        responses.bor,
        patients.diagnosis_date as diagdt,
        patients.primary_site_code as primsite,
        patients.morphology_code as morphcd,
        case when deaths.event_date is not null then 'Y' else 'N' end as dthfl,
        deaths.event_date as dthdt,
        deaths.event_date_flag as dthdtf,
        last_alive.event_date as lstalvdt,
        cohort.data_cutoff as dcutdt
    from cohort
    inner join cohort_sets on cohort.study_id = cohort_sets.study_id
    inner join patients on cohort.centre_id = patients.centre_id and cohort.patient_key = patients.patient_key
    left join ages
        on
            cohort_sets.param_set_id = ages.param_set_id
            and cohort.centre_id = ages.centre_id
            and cohort.patient_key = ages.patient_key
    left join baseline
        on
            cohort_sets.param_set_id = baseline.param_set_id
            and cohort.centre_id = baseline.centre_id
            and cohort.patient_key = baseline.patient_key
    left join intervals
        on
            cohort.study_id = intervals.study_id
            and cohort.centre_id = intervals.centre_id
            and cohort.patient_key = intervals.patient_key
    left join responses
        on
            cohort.study_id = responses.study_id
            and cohort.centre_id = responses.centre_id
            and cohort.patient_key = responses.patient_key
    left join deaths
        on
            cohort.study_id = deaths.study_id
            and cohort.centre_id = deaths.centre_id
            and cohort.patient_key = deaths.patient_key
    left join last_alive
        on
            cohort.study_id = last_alive.study_id
            and cohort.centre_id = last_alive.centre_id
            and cohort.patient_key = last_alive.patient_key
)

select * from subjects
