-- One row per study, included subject and adverse event.
-- CDISC ADaM ADAE of each study's primary variant: AETERM is the coded term (free text stays in the lake), ATOXGR the
-- grade, occurrence flags among treatment-emergent events.
with events as (select * from {{ ref('adverse_events') }} where variant = 'primary'),

counted as (select *, trtemfl = 'Y' and certainty = 'CERTAIN' as is_counted from events),

ordered as (
    select
        *,
        row_number() over (
            partition by study_id, centre_id, patient_key order by start_date asc nulls last, event_id asc
        ) as aeseq,
        row_number() over (subject order by onset_date asc, event_id asc) as subject_no,
        row_number() over (subject order by te_grade desc nulls last, onset_date asc, event_id asc) as subject_worst_no,
        row_number() over (subject_term order by onset_date asc, event_id asc) as term_no
    from counted
    window
        subject as (partition by study_id, centre_id, patient_key, is_counted),
        subject_term as (partition by study_id, centre_id, patient_key, is_counted, coalesce(term, event_id))
),

numbered as (
    select
        *,
        case when is_counted and subject_no = 1 then 'Y' end as aoccfl,
        case when is_counted and term_no = 1 then 'Y' end as aoccpfl,
        case when is_counted and subject_worst_no = 1 then 'Y' end as aoccifl,
        nullif(max_grade_flag, 'N') as aoccpifl
    from ordered
),

analysed as (
    select
        study_id as studyid,
        study_id || '-' || centre_id || '-' || patient_key as usubjid,
        centre_id as siteid,
        cast(aeseq as integer) as aeseq,
        coalesce(term, 'UNRESOLVED') as aeterm,
        term as aedecod,
        soc as aebodsys,
        grouped_term as aegrpid,
        start_date as astdt,
        start_date_flag as astdtf,
        end_date as aendt,
        end_date_flag as aendtf,
        cast(grade as varchar) as aetoxgr,
        cast(grade as varchar) as atoxgr,
        grade as atoxgrn,
        baseline_grade as btoxgrn,
        causality as aerel,
        case relfl when 'Y' then 'RELATED' else 'NOT RELATED' end as arel,
        nullif(trtemfl, 'N') as trtemfl,
        aoccfl,
        aoccpfl,
        aoccifl,
        aoccpifl,
        case when irae_flag = 'Y' then irae_class end as cq01nam,
        case when haemorrhage_flag = 'Y' then 'HAEMORRHAGE' end as cq02nam,
        case when fistula_flag = 'Y' then 'FISTULA' end as cq03nam,
        certainty as aecert,
        source_table as srcdom,
        'start_text' as srcvar,
        source_row as srcseq,
        source_file as srcfile
    from numbered
)

select * from analysed
