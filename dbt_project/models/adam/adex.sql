-- One row per study, included subject, parameter and, for single doses, drug and span of one dose.
-- CDISC ADaM ADEX of each study's primary variant: PARCAT1 INDIVIDUAL is a dose with ASTDT and AENDT, OVERALL a figure
-- of a whole index component (R7).
{%- set overall = {
    'TDOSE': ['Total dose', 'total_mg', 'mg'],
    'PLDOSE': ['Planned dose', 'planned_mg', 'mg'],
    'RDI': ['Relative dose intensity', 'rdi_pct', '%'],
    'NDOSE': ['Doses given (on-days or infusions)', 'doses_given', 'DOSES'],
    'NCYC': ['Cycles started', 'cycles_started', 'CYCLES'],
    'DURD': ['Duration from index date to last dose', 'duration_days', 'DAYS'],
    'NRED': ['Dose reductions', 'n_reductions', 'EVENTS'],
    'NINT': ['Interruptions', 'n_interruptions', 'EVENTS'],
    'NDLAY': ['Delays', 'n_delays', 'EVENTS'],
    'NOMIT': ['Omissions', 'n_omissions', 'EVENTS'],
} %}
{%- set keys = 'param_set_id, centre_id, patient_key, component, drug_key' %}
with included as (
    select * from {{ ref('int_included_patients') }} where rule_family = 'R7' and variant = 'primary'
),

doses as (
    select
        {{ keys }}, 'QD' as frequency, start_date, end_date, mg_per_on_day as mg, source_file, source_row
    from {{ ref('int_oral_intakes') }}
    union all
    select
        {{ keys }}, 'ONCE' as frequency, start_date, end_date, dose_mg as mg, source_file, source_row
    from {{ ref('int_infusions') }}
),

single_doses as (
    select
        included.study_id,
        included.centre_id,
        included.patient_key,
        doses.component,
        'DOSE' as paramcd,
        'Dose' as param,
        'INDIVIDUAL' as parcat1,
        doses.mg as aval,
        'mg' as avalu,
        doses.drug_key,
        doses.frequency,
        doses.start_date,
        doses.end_date,
        doses.source_file,
        doses.source_row
    from included
    inner join doses
        on
            included.param_set_id = doses.param_set_id
            and included.centre_id = doses.centre_id
            and included.patient_key = doses.patient_key
),

figures as (
    {% for paramcd, (param, column, unit) in overall.items() %}
        {{ 'union all' if not loop.first }}
        select
            study_id, centre_id, patient_key, component, '{{ paramcd }}' as paramcd, '{{ param }}' as param,
            'OVERALL' as parcat1, cast({{ column }} as decimal(18, 4)) as aval, '{{ unit }}' as avalu,
            drug_keys as drug_key, cast(null as varchar) as frequency, first_dose_date as start_date,
            last_dose_date as end_date, source_file, source_row
        from {{ ref('dosing') }}
        where variant = 'primary' and {{ column }} is not null
    {% endfor %}
),

analysed as (
    select * from single_doses
    union all
    select * from figures
),

subjects as (
    select
        study_id as studyid,
        study_id || '-' || centre_id || '-' || patient_key as usubjid,
        centre_id as siteid,
        component as trtcomp,
        drug_key as extrt,
        case when parcat1 = 'INDIVIDUAL' then aval end as exdose,
        case when parcat1 = 'INDIVIDUAL' then avalu end as exdosu,
        frequency as exdosfrq,
        start_date as astdt,
        end_date as aendt,
        parcat1,
        paramcd,
        param,
        aval,
        avalu,
        'drug_row' as srcdom,
        source_row as srcseq,
        source_file as srcfile
    from analysed
)

select * from subjects
