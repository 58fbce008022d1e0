-- One row per condition no_active_brain_metastasis and patient screened.
-- R3.2 E3: a brain metastasis is active unless treated locally, stable on imaging and off steroids; without brain
-- imaging it is unknown.
with findings as (select * from {{ ref('int_brain_findings') }}),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

steroids as (
    select param_set_id, centre_id, patient_key, start_date, coalesce(end_date, start_date) as end_date
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and class = 'STEROID'
),

on_steroids as (
    select distinct
        findings.param_set_id,
        findings.criterion_id,
        findings.condition_no,
        findings.centre_id,
        findings.patient_key
    from findings
    inner join upstream on findings.param_set_id = upstream.param_set_id
    inner join steroids
        on
            upstream.upstream_param_set_id = steroids.param_set_id
            and findings.centre_id = steroids.centre_id
            and findings.patient_key = steroids.patient_key
    where
        findings.has_metastasis
        and {{ by_cutoff('steroids.start_date', 'findings.limit_date') }}
        and coalesce({{ days_after('steroids.end_date', 'findings.stable_days') }} >= findings.limit_date, true)
),

reasoned as (
    select
        findings.param_set_id,
        findings.criterion_id,
        findings.condition_no,
        findings.centre_id,
        findings.patient_key,
        case
            when not findings.has_metastasis and not findings.is_imaged then 'NO_BRAIN_IMAGING'
            when not findings.has_metastasis then 'NO_BRAIN_METASTASIS'
            when not findings.is_treated then 'BRAIN_METASTASIS_UNTREATED'
            when not findings.is_stable then 'BRAIN_METASTASIS_NOT_STABLE'
            when on_steroids.patient_key is not null then 'BRAIN_METASTASIS_ON_STEROIDS'
            else 'BRAIN_METASTASIS_INACTIVE'
        end as reason,
        findings.has_metastasis,
        findings.source_file,
        findings.source_row
    from findings
    left join on_steroids
        on
            findings.param_set_id = on_steroids.param_set_id
            and findings.criterion_id = on_steroids.criterion_id
            and findings.condition_no = on_steroids.condition_no
            and findings.centre_id = on_steroids.centre_id
            and findings.patient_key = on_steroids.patient_key
),

judged as (
    select
        param_set_id,
        criterion_id,
        condition_no,
        centre_id,
        patient_key,
        case
            when reason = 'NO_BRAIN_IMAGING' then 'UNKNOWN'
            when reason in ('NO_BRAIN_METASTASIS', 'BRAIN_METASTASIS_INACTIVE') then 'MET'
            else 'NOT_MET'
        end as status,
        reason,
        case when has_metastasis then 'disease_event' end as source_table,
        source_file,
        source_row
    from reasoned
)

select * from judged
