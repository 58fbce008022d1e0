-- One row per study, included subject and endpoint.
-- CDISC ADaM ADTTE of each study's primary variant: AVAL in months, CNSR 0 is an event, SRCDOM, SRCVAR and SRCSEQ lead
-- to the extract.
with times as (select * from {{ ref('survival_times') }} where variant = 'primary'),

analysed as (
    select
        study_id as studyid,
        study_id || '-' || centre_id || '-' || patient_key as usubjid,
        centre_id as siteid,
        paramcd,
        param,
        start_date as startdt,
        end_date as adt,
        nullif(end_date_flag, '') as adtf,
        aval_months as aval,
        'MONTHS' as avalu,
        aval_days as avaldy,
        cnsr,
        evntdesc,
        cnsdtdsc,
        srcdom,
        srcvar,
        source_row as srcseq,
        source_file as srcfile
    from times
)

select * from analysed
