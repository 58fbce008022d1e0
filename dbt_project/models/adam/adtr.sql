-- One row per study, included subject, parameter, evaluator and time point.
-- CDISC ADaM ADTR of each study's primary variant: the sum of target diameters (SUMDIAM) with baseline, nadir and
-- changes, and the diameter of each target (LDIAM, NLDIAM for nodes) from the baseline of the index date on.
with timepoints as (select * from {{ ref('tumour_timepoints') }} where variant = 'primary' and tp_no is not null),

included as (select * from {{ ref('int_included_patients') }} where variant = 'primary' and rule_family = 'R3'),

courses as (select * from {{ ref('int_index_courses') }}),

targets as (
    select
        *,
        rank() over (partition by param_set_id, centre_id, patient_key, reader, tp_no order by lesion_id) as target_no
    from {{ ref('int_target_candidates') }}
),

readings as (select * from {{ ref('int_lesion_values') }}),

sums as (
    select
        study_id,
        centre_id,
        patient_key,
        reader,
        'SUMDIAM' as paramcd,
        'Sum of target diameters' as param,
        cast(null as varchar) as lesion_id,
        tp,
        tp_no,
        last_date as tp_last_date,
        is_baseline,
        baseline_flag,
        sum_mm,
        first_value(sum_mm) over (partition by study_id, centre_id, patient_key, reader order by tp_no) as base_mm,
        nadir_mm,
        pct_base,
        pct_nadir,
        source_file,
        source_row
    from timepoints
),

diameters as (
    select
        sums.study_id,
        sums.centre_id,
        sums.patient_key,
        sums.reader,
        case when targets.is_node then 'NLDIAM' else 'LDIAM' end || targets.target_no as paramcd,
        case when targets.is_node then 'Short axis of target node ' else 'Longest diameter of target ' end
        || targets.target_no as param,
        targets.lesion_id,
        sums.tp,
        sums.tp_no,
        readings.last_date as tp_last_date,
        sums.is_baseline,
        sums.baseline_flag,
        readings.value_mm as sum_mm,
        targets.value_mm as base_mm,
        cast(null as decimal(18, 4)) as nadir_mm,
        {{ percent_change('readings.value_mm', 'targets.value_mm') }} as pct_base,
        cast(null as decimal(18, 1)) as pct_nadir,
        lesions.source_file,
        lesions.source_row
    from sums
    inner join included using (study_id, centre_id, patient_key)
    inner join courses using (param_set_id, centre_id, patient_key, reader)
    inner join targets
        on
            courses.stream_param_set_id = targets.param_set_id
            and {{ same('courses', 'targets', ['centre_id', 'patient_key', 'reader']) }}
            and courses.baseline_no = targets.tp_no
    inner join readings
        on
            {{ same('targets', 'readings', ['param_set_id', 'centre_id', 'patient_key', 'reader', 'lesion_id']) }}
            and sums.tp_no = readings.tp_no
    inner join {{ ref('stg_lesion') }} as lesions
        on readings.centre_id = lesions.centre_id and readings.row_key = lesions.row_key
),

measured as (
    select * from sums
    union all
    select * from diameters
),

analysed as (
    select
        study_id as studyid,
        study_id || '-' || centre_id || '-' || patient_key as usubjid,
        centre_id as siteid,
        paramcd,
        param,
        case reader when 'IND' then 'INDEPENDENT ASSESSOR' else 'INVESTIGATOR' end as treval,
        lesion_id as trlnkid,
        tp as avisit,
        tp_no as avisitn,
        tp_last_date as adt,
        sum_mm as aval,
        'mm' as avalu,
        base_mm as base,
        case when is_baseline then 'Y' end as ablfl,
        case when baseline_flag = 'LATE' then 'Y' end as bllatefl,
        case when not is_baseline then sum_mm - base_mm end as chg,
        case when not is_baseline then pct_base end as pchg,
        nadir_mm as nadir,
        case when not is_baseline then sum_mm - nadir_mm end as chgnad,
        case when not is_baseline then pct_nadir end as pchgnad,
        case when not is_baseline and sum_mm is not null then 'Y' end as anl01fl,
        'lesion' as srcdom,
        source_row as srcseq,
        source_file as srcfile
    from measured
)

select * from analysed
