-- One row per covariate prior_procedure or procedure_in_window and patient with an index date.
-- R3.4, R3.6: Yes when such a procedure began before the index date, or inside the combination window up to it;
-- Unknown when its date leaves that open, or the centre delivers no procedures (R0.2). Later ones are time-varying.
with covariates as (
    select param_set_id, covariate, covariate_type, item
    from {{ source('protocol', 'covariates') }}
    where covariate_type in ('prior_procedure', 'procedure_in_window')
),

kinds as (
    select param_set_id, covariate, member as kind
    from {{ source('protocol', 'covariate_items') }}
    where member_kind = 'kind'
    union all
    select param_set_id, covariate, item as kind
    from covariates
    where item is not null
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

parameters as (select param_set_id, rt_combo_window_days from {{ ref('int_parameters_r3') }}),

procedures as (
    select centre_id, patient_key, kind, start_lo, start_hi, row_key, source_file, source_row
    from {{ ref('stg_procedure') }}
),

reporting_centres as (select distinct centre_id from {{ source('lake', 'procedure') }}),

asked as (
    select
        covariates.param_set_id,
        covariates.covariate,
        covariates.covariate_type,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        case
            when covariates.covariate_type = 'procedure_in_window'
                then {{ days_after('index_dates.index_date', '-parameters.rt_combo_window_days') }}
        end as window_start_date
    from covariates
    inner join index_dates on covariates.param_set_id = index_dates.param_set_id
    inner join parameters on covariates.param_set_id = parameters.param_set_id
),

found as (
    select
        asked.param_set_id,
        asked.covariate,
        asked.centre_id,
        asked.patient_key,
        procedures.start_lo,
        procedures.row_key,
        procedures.source_file,
        procedures.source_row,
        coalesce(
            case
                when asked.covariate_type = 'prior_procedure' then procedures.start_hi < asked.index_date
                else procedures.start_lo >= asked.window_start_date and procedures.start_hi <= asked.index_date
            end,
            false
        ) as is_certain
    from asked
    inner join kinds on asked.param_set_id = kinds.param_set_id and asked.covariate = kinds.covariate
    inner join procedures
        on
            asked.centre_id = procedures.centre_id
            and asked.patient_key = procedures.patient_key
            and kinds.kind = procedures.kind
    where
        procedures.start_lo is null
        or (asked.covariate_type = 'prior_procedure' and procedures.start_lo < asked.index_date)
        or (procedures.start_hi >= asked.window_start_date and procedures.start_lo <= asked.index_date)
),

ordered as (
    select
        *,
        row_number() over (
            partition by param_set_id, covariate, centre_id, patient_key
            order by is_certain desc, start_lo desc nulls last, row_key asc
        ) as procedure_number
    from found
),

valued as (
    select
        asked.param_set_id,
        asked.covariate,
        asked.centre_id,
        asked.patient_key,
        cast(null as decimal(18, 4)) as value_number,
        case
            when ordered.is_certain then 'Yes'
            when ordered.procedure_number is not null or reporting_centres.centre_id is null then 'Unknown'
            else 'No'
        end as value_text,
        case when ordered.procedure_number is not null then 'procedure' end as source_table,
        ordered.source_file,
        ordered.source_row
    from asked
    left join reporting_centres on asked.centre_id = reporting_centres.centre_id
    left join ordered
        on
            asked.param_set_id = ordered.param_set_id
            and asked.covariate = ordered.covariate
            and asked.centre_id = ordered.centre_id
            and asked.patient_key = ordered.patient_key
            and ordered.procedure_number = 1
)

select * from valued
