-- One row per covariate and patient with an index date.
-- R3.3 to R3.6: the value and its level: the range that holds the number, or the level whose code is the longest
-- beginning of the text; missing values keep a row.
with covariates as (
    select param_set_id, covariate, covariate_seq, label from {{ source('protocol', 'covariates') }}
),

levels as (select * from {{ source('protocol', 'covariate_levels') }}),

levelled_covariates as (select distinct param_set_id, covariate from levels),

index_dates as (
    select param_set_id, centre_id, patient_key from {{ ref('int_index') }} where index_date is not null
),

covariate_values as (select * from {{ ref('int_covariate_values') }}),

listed as (
    select
        covariates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        covariates.covariate,
        covariates.covariate_seq,
        covariates.label,
        covariate_values.value_number,
        covariate_values.value_text,
        covariate_values.source_table,
        covariate_values.source_file,
        covariate_values.source_row
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    left join covariate_values
        on
            covariates.param_set_id = covariate_values.param_set_id
            and covariates.covariate = covariate_values.covariate
            and index_dates.centre_id = covariate_values.centre_id
            and index_dates.patient_key = covariate_values.patient_key
),

matches as (
    select
        listed.param_set_id,
        listed.centre_id,
        listed.patient_key,
        listed.covariate,
        levels.level,
        levels.level_seq,
        levels.is_reference,
        row_number() over (
            partition by listed.param_set_id, listed.centre_id, listed.patient_key, listed.covariate
            order by length(levels.code_prefix) desc nulls last, levels.level_seq
        ) as match_number
    from listed
    inner join levels on listed.param_set_id = levels.param_set_id and listed.covariate = levels.covariate
    where
        case
            when levels.code_prefix is not null then listed.value_text like levels.code_prefix || '%'
            else
                listed.value_number >= coalesce(levels.number_min, listed.value_number)
                and listed.value_number <= coalesce(levels.number_max, listed.value_number)
        end
),

levelled as (
    select
        listed.param_set_id,
        listed.centre_id,
        listed.patient_key,
        listed.covariate,
        listed.covariate_seq,
        listed.label,
        listed.value_number,
        listed.value_text,
        case when levelled_covariates.covariate is null then listed.value_text else matches.level end as level,
        matches.level_seq,
        coalesce(matches.is_reference, false) as is_reference,
        listed.source_table,
        listed.source_file,
        listed.source_row
    from listed
    left join matches
        on
            listed.param_set_id = matches.param_set_id
            and listed.centre_id = matches.centre_id
            and listed.patient_key = matches.patient_key
            and listed.covariate = matches.covariate
            and matches.match_number = 1
    left join levelled_covariates
        on listed.param_set_id = levelled_covariates.param_set_id and listed.covariate = levelled_covariates.covariate
)

select * from levelled
