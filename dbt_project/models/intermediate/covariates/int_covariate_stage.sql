-- One row per covariate stage_group and patient with an index date.
-- R3.3: the latest stage group up to the index date, or up to the days after it that the protocol allows for reports
-- of earlier scans.
with covariates as (
    select param_set_id, covariate from {{ source('protocol', 'covariates') }} where covariate_type = 'stage_group'
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

windows as (select param_set_id, bl_stage_after from {{ ref('int_parameters_r3') }}),

stages as (
    select centre_id, patient_key, stage_lo, stage_group, row_key, source_file, source_row
    from {{ ref('stg_stage') }}
    where stage_group is not null
),

qualifying as (
    select
        covariates.covariate,
        index_dates.param_set_id,
        stages.*,
        row_number() over (
            partition by covariates.covariate, index_dates.param_set_id, stages.centre_id, stages.patient_key
            order by stages.stage_lo desc nulls last, stages.row_key asc
        ) as stage_number
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    inner join windows on covariates.param_set_id = windows.param_set_id
    inner join stages on index_dates.centre_id = stages.centre_id and index_dates.patient_key = stages.patient_key
    where
        stages.stage_lo is null
        or stages.stage_lo <= {{ days_after('index_dates.index_date', 'windows.bl_stage_after') }}
),

valued as (
    select
        param_set_id,
        covariate,
        centre_id,
        patient_key,
        cast(null as decimal(18, 4)) as value_number,
        stage_group as value_text,
        'stage' as source_table,
        source_file,
        source_row
    from qualifying
    where stage_number = 1
)

select * from valued
