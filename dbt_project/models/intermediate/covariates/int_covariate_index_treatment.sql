-- One row per covariate of the index treatment and patient with an index date.
-- R2.6, R3.1, R7.2: counted lines before the index line, drug and first dose of a component (mg per dose or on-day),
-- calendar year of the index date.
with covariates as (
    select param_set_id, covariate, covariate_type, item
    from {{ source('protocol', 'covariates') }}
    where covariate_type in ('prior_lines', 'initial_dose', 'index_drug', 'year_of_index')
),

index_dates as (select * from {{ ref('int_index') }} where index_date is not null),

served as (select * from {{ ref('int_index_components_served') }}),

valued as (
    select
        covariates.param_set_id,
        covariates.covariate,
        index_dates.centre_id,
        index_dates.patient_key,
        cast(case covariates.covariate_type
            when 'prior_lines' then index_dates.prior_lines
            when 'year_of_index'
                then case when index_dates.calendar = 'absolute' then extract(year from index_dates.index_date) end
            when 'initial_dose' then served.dose_mg
        end as decimal(18, 4)) as value_number,
        case when covariates.covariate_type = 'index_drug' then served.drug_key end as value_text,
        case when served.component is not null then 'drug_row' else index_dates.source_table end as source_table,
        case when served.component is not null then served.source_file else index_dates.source_file end as source_file,
        case when served.component is not null then served.source_row else index_dates.source_row end as source_row
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    left join served
        on
            index_dates.param_set_id = served.param_set_id
            and index_dates.centre_id = served.centre_id
            and index_dates.patient_key = served.patient_key
            and covariates.item = served.component
)

select * from valued
