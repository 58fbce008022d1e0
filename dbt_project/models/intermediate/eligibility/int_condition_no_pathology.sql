-- One row per condition no_pathology and patient screened.
-- R3.2 E1: any invasive report of the site with the histology, or with a mixed component, up to the data cutoff
-- excludes; no report of the site is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'no_pathology'),

reports as (
    select *
    from {{ ref('int_condition_pathology_reports') }}
    where
        condition_type = 'no_pathology'
        and coalesce(site_fits, true)
        and (data_cutoff is null or path_lo is null or path_lo <= data_cutoff)
),

judged_reports as (
    select
        *,
        case
            when coalesce(morphology_fits, false) or (includes_mixed and is_mixed)
                then case when site_fits is null or is_behaviour_missing then 'UNKNOWN' else 'NOT_MET' end
            when morphology_fits is null or site_fits is null then 'UNKNOWN'
            else 'MET'
        end as status,
        case
            when includes_mixed and is_mixed then 'MIXED_HISTOLOGY'
            when morphology_fits then 'EXCLUDED_HISTOLOGY'
            when morphology_fits is null then 'HISTOLOGY_NOT_SPECIFIED'
            when site_fits is null then 'SITE_NOT_STATED'
            else 'OTHER_HISTOLOGY'
        end as reason
    from reports
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, condition_no, centre_id, patient_key
            order by status = 'NOT_MET' desc, status = 'MET' desc, path_lo, row_key asc
        ) as report_number
    from judged_reports
),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        coalesce(ordered.status, 'UNKNOWN') as status,
        coalesce(ordered.reason, 'NO_PATHOLOGY') as reason,
        case when ordered.status is not null then 'pathology' end as source_table,
        ordered.source_file,
        ordered.source_row
    from asked
    left join ordered
        on
            asked.param_set_id = ordered.param_set_id
            and asked.criterion_id = ordered.criterion_id
            and asked.condition_no = ordered.condition_no
            and asked.centre_id = ordered.centre_id
            and asked.patient_key = ordered.patient_key
            and ordered.report_number = 1
)

select * from judged
