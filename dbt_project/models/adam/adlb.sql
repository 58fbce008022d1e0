-- One row per study, included subject and laboratory result of a test that is known.
-- CDISC ADaM ADLB of each study's primary variant: ATOXGRL and ATOXGRH grade both directions, ATOXGR joins them (low
-- with a minus), BASE is the value of the record with ABLFL, SRCDOM, SRCFILE and SRCSEQ lead to the extract.
with grades as (
    select *
    from {{ ref('laboratory_grades') }}
    where variant = 'primary' and specimen_date is not null
),

cohort as (
    select study_id, centre_id, patient_key, index_date from {{ ref('study_cohort') }} where variant = 'primary'
),

lab_parameters as (select * from {{ ref('lab_parameters') }}),

results as (
    select
        study_id,
        centre_id,
        patient_key,
        test,
        row_key,
        max(specimen_date) as adt,
        max(value) as aval,
        max(value_text) as avalc,
        max(value_flag) as avalfl,
        max(unit) as avalu,
        max(baseline_flag) as ablfl,
        max(base) as base,
        max(lln) as anrlo,
        max(uln) as anrhi,
        bool_or(is_post_baseline) as is_post_baseline,
        max(case when direction = 'L' then ctcae_term end) as atoxdscl,
        max(case when direction = 'H' then ctcae_term end) as atoxdsch,
        max(case when direction = 'L' then grade end) as grade_low,
        max(case when direction = 'H' then grade end) as grade_high,
        max(case when direction = 'L' then base_grade end) as base_grade_low,
        max(case when direction = 'H' then base_grade end) as base_grade_high,
        max(emergent_flag) as trtemfl,
        max(worst_flag) as anl01fl,
        max(reason_null) as atoxrsn,
        max(source_table) as srcdom,
        max(source_file) as srcfile,
        max(source_row) as srcseq
    from grades
    group by study_id, centre_id, patient_key, test, row_key
),

analysed as (
    select
        results.study_id as studyid,
        results.study_id || '-' || results.centre_id || '-' || results.patient_key as usubjid,
        results.centre_id as siteid,
        lab_parameters.paramcd,
        lab_parameters.param,
        results.adt,
        {{ days_between('cohort.index_date', 'results.adt') }}
        + case when results.adt >= cohort.index_date then 1 else 0 end as ady,
        results.aval,
        results.avalc,
        nullif(results.avalfl, '') as avalfl,
        results.avalu,
        nullif(results.ablfl, 'N') as ablfl,
        results.base,
        case when results.is_post_baseline then cast(results.aval - results.base as decimal(28, 10)) end as chg,
        results.anrlo,
        results.anrhi,
        results.atoxdscl,
        results.atoxdsch,
        cast(results.grade_low as varchar) as atoxgrl,
        cast(results.grade_high as varchar) as atoxgrh,
        {{ signed_grade('results.grade_low', 'results.grade_high', 'results.atoxdscl', 'results.atoxdsch') }} as atoxgr,
        cast(results.base_grade_low as varchar) as btoxgrl,
        cast(results.base_grade_high as varchar) as btoxgrh,
        {{ signed_grade('results.base_grade_low', 'results.base_grade_high', 'results.atoxdscl', 'results.atoxdsch') }}
            as btoxgr,
        nullif(results.trtemfl, 'N') as trtemfl,
        nullif(results.anl01fl, 'N') as anl01fl,
        results.atoxrsn,
        results.srcdom,
        'VALUE_TEXT' as srcvar,
        results.row_key as srckey,
        results.srcseq,
        results.srcfile
    from results
    inner join cohort
        on
            results.study_id = cohort.study_id
            and results.centre_id = cohort.centre_id
            and results.patient_key = cohort.patient_key
    inner join lab_parameters on results.test = lab_parameters.test
)

select * from analysed
