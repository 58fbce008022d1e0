-- One row per covariate metastatic_sites and patient with distant disease documented at baseline.
-- R3.5: the number of metastatic sites, by organ or by station as the covariate asks; without a documented site it
-- stays missing (R0.2).
with covariates as (
    select param_set_id, covariate, item
    from {{ source('protocol', 'covariates') }}
    where covariate_type = 'metastatic_sites'
),

sites as (select * from {{ ref('int_metastatic_sites') }}),

valued as (
    select
        covariates.param_set_id,
        covariates.covariate,
        sites.centre_id,
        sites.patient_key,
        cast(
            case when covariates.item = 'station' then sites.n_sites_station else sites.n_sites_organ end
            as decimal(18, 4)
        ) as value_number,
        cast(null as varchar) as value_text,
        'disease_event' as source_table,
        sites.source_file,
        sites.source_row
    from covariates
    inner join sites on covariates.param_set_id = sites.param_set_id
)

select * from valued
