-- One row per condition pathology and patient screened.
-- R3.2 I1: an invasive report of the site and morphology up to the reference date proves it, another histology of the
-- site refutes it, and so do invasive reports of other sites alone; anything else is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'pathology'),

reports as (
    select *
    from {{ ref('int_condition_pathology_reports') }}
    where
        condition_type = 'pathology'
        and (limit_date is null or path_lo is null or path_lo <= limit_date)
        and (
            coalesce(site_fits, true)
            or (not is_behaviour_missing and path_lo is not null and coalesce(path_hi <= limit_date, true))
        )
),

judged_reports as (
    select
        *,
        case
            when not site_fits then 'NOT_MET'
            when is_morphology_uncertain or morphology_fits is null then 'UNKNOWN'
            when site_fits is null or is_behaviour_missing then 'UNKNOWN'
            when path_lo is null or path_hi > limit_date then 'UNKNOWN'
            when morphology_fits then 'MET'
            else 'NOT_MET'
        end as status,
        case
            when not site_fits then 'OTHER_SITE'
            when is_morphology_uncertain or morphology_fits is null then 'HISTOLOGY_NOT_SPECIFIED'
            when site_fits is null then 'SITE_NOT_STATED'
            when is_behaviour_missing then 'BEHAVIOUR_NOT_STATED'
            when path_lo is null or path_hi > limit_date then 'DATE_IMPRECISE'
            when morphology_fits then 'PATHOLOGY_PROVEN'
            else 'OTHER_HISTOLOGY'
        end as reason
    from reports
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, criterion_id, condition_no, centre_id, patient_key
            order by status = 'MET' desc, reason = 'OTHER_SITE' asc, status = 'NOT_MET' desc, path_lo asc, row_key asc
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
