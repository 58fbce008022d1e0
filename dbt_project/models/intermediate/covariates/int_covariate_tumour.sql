-- One row per covariate primary_site or histology and patient with an index date.
-- R3.3: from the latest invasive pathology report up to the index date, at a site that the study's criteria name if
-- they name one; the site falls back on the coded primary diagnosis.
with covariates as (
    select param_set_id, covariate, covariate_type
    from {{ source('protocol', 'covariates') }}
    where covariate_type in ('primary_site', 'histology')
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

site_codes as (
    select distinct param_set_id, code_from
    from {{ source('protocol', 'condition_codes') }}
    where role = 'site'
),

sited_sets as (select distinct param_set_id from site_codes),

findings as (
    select
        centre_id, patient_key, 'primary_site' as covariate_type, site_icdo as code, site_icdo,
        path_lo as found_date, true as is_pathology, row_key, source_file, source_row
    from {{ ref('int_invasive_pathology') }}
    union all
    select
        centre_id, patient_key, 'histology' as covariate_type, icdo_morphology as code, site_icdo,
        path_lo as found_date, true as is_pathology, row_key, source_file, source_row
    from {{ ref('int_invasive_pathology') }}
    union all
    select
        centre_id, patient_key, 'primary_site' as covariate_type, code, code as site_icdo, date_lo as found_date,
        false as is_pathology, row_key, source_file, source_row
    from {{ ref('stg_diagnosis') }}
    where kind = 'PRIMARY'
),

qualifying as (
    select
        covariates.covariate,
        index_dates.param_set_id,
        findings.*,
        row_number() over (
            partition by covariates.covariate, index_dates.param_set_id, findings.centre_id, findings.patient_key
            order by findings.is_pathology desc, findings.found_date desc nulls last, findings.row_key asc
        ) as finding_number
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    inner join findings
        on
            index_dates.centre_id = findings.centre_id
            and index_dates.patient_key = findings.patient_key
            and covariates.covariate_type = findings.covariate_type
    left join sited_sets on covariates.param_set_id = sited_sets.param_set_id
    where
        findings.code is not null
        and (findings.found_date is null or findings.found_date <= index_dates.index_date)
        and (
            sited_sets.param_set_id is null
            or exists (
                select 1
                from site_codes
                where
                    site_codes.param_set_id = covariates.param_set_id
                    and findings.site_icdo like site_codes.code_from || '%'
            )
        )
),

valued as (
    select
        param_set_id,
        covariate,
        centre_id,
        patient_key,
        cast(null as decimal(18, 4)) as value_number,
        code as value_text,
        case when is_pathology then 'pathology' else 'diagnosis' end as source_table,
        source_file,
        source_row
    from qualifying
    where finding_number = 1
)

select * from valued
