-- One row per covariate prior_class and patient with an index date.
-- R3.4: Yes when a drug that the covariate names was given before the index line; only a blinded drug, which may be of
-- any class (R1), or earlier therapy that the chart does not name leaves it Unknown.
with covariates as (
    select param_set_id, covariate from {{ source('protocol', 'covariates') }} where covariate_type = 'prior_class'
),

items as (select param_set_id, covariate, member_kind, member from {{ source('protocol', 'covariate_items') }}),

members as (select drug_key, member_kind, member from {{ ref('int_drug_members') }}),

index_dates as (
    select param_set_id, centre_id, patient_key from {{ ref('int_index') }} where index_date is not null
),

prior_rows as (select * from {{ ref('int_prior_drug_rows') }} where not in_index_line),

untold as (select * from {{ ref('int_untold_prior_lines') }}),

asked_drugs as (
    select distinct
        covariates.param_set_id,
        covariates.covariate,
        members.drug_key
    from covariates
    inner join items on covariates.param_set_id = items.param_set_id and covariates.covariate = items.covariate
    inner join members on items.member_kind = members.member_kind and items.member = members.member
),

exposures as (
    select
        covariates.param_set_id,
        covariates.covariate,
        prior_rows.centre_id,
        prior_rows.patient_key,
        asked_drugs.drug_key is not null as is_exposed,
        prior_rows.source_file,
        prior_rows.source_row,
        row_number() over (
            partition by
                covariates.param_set_id, covariates.covariate, prior_rows.centre_id, prior_rows.patient_key
            order by asked_drugs.drug_key is not null desc, prior_rows.start_lo, prior_rows.row_key asc
        ) as exposure_number
    from covariates
    inner join prior_rows on covariates.param_set_id = prior_rows.param_set_id
    left join asked_drugs
        on
            covariates.param_set_id = asked_drugs.param_set_id
            and covariates.covariate = asked_drugs.covariate
            and prior_rows.drug_key = asked_drugs.drug_key
    where asked_drugs.drug_key is not null or prior_rows.is_blinded
),

valued as (
    select
        covariates.param_set_id,
        covariates.covariate,
        index_dates.centre_id,
        index_dates.patient_key,
        cast(null as decimal(18, 4)) as value_number,
        case
            when exposures.is_exposed then 'Yes'
            when exposures.exposure_number is not null or untold.patient_key is not null then 'Unknown'
            else 'No'
        end as value_text,
        case when exposures.exposure_number is not null then 'drug_row' else untold.source_table end as source_table,
        coalesce(exposures.source_file, untold.source_file) as source_file,
        coalesce(exposures.source_row, untold.source_row) as source_row
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    left join exposures
        on
            covariates.param_set_id = exposures.param_set_id
            and covariates.covariate = exposures.covariate
            and index_dates.centre_id = exposures.centre_id
            and index_dates.patient_key = exposures.patient_key
            and exposures.exposure_number = 1
    left join untold
        on
            covariates.param_set_id = untold.param_set_id
            and index_dates.centre_id = untold.centre_id
            and index_dates.patient_key = untold.patient_key
)

select * from valued
