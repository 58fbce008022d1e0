-- One row per R3 parameter set, patient and index component.
-- R3.1: the drug that served the component: on board at the index date, else the first after it; and the first record
-- of that drug in the index line.
with index_dates as (
    select
        param_set_id, centre_id, patient_key, index_date,
        coalesce(index_line_start_date, index_date) as line_start_date
    from {{ ref('int_index') }}
    where index_date is not null
),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'R2'
),

serving as (select * from {{ ref('int_index_component_episodes') }}),

drug_rows as (select * from {{ ref('int_drug_rows_selected') }} where is_kept),

candidates as (
    select
        serving.*,
        upstream.upstream_param_set_id,
        index_dates.line_start_date,
        row_number() over (
            partition by serving.param_set_id, serving.centre_id, serving.patient_key, serving.component
            order by
                serving.start_date > index_dates.index_date,
                case when serving.start_date <= index_dates.index_date then serving.start_date end desc,
                serving.start_date,
                serving.drug_key asc
        ) as candidate_number
    from index_dates
    inner join upstream on index_dates.param_set_id = upstream.param_set_id
    inner join serving
        on
            index_dates.param_set_id = serving.param_set_id
            and index_dates.centre_id = serving.centre_id
            and index_dates.patient_key = serving.patient_key
    where serving.covered_through_date >= index_dates.index_date
),

records as (
    select
        candidates.param_set_id,
        candidates.centre_id,
        candidates.patient_key,
        candidates.component,
        candidates.drug_key,
        coalesce(
            drug_rows.dose_mg, coalesce(drug_rows.units_per_day, drug_rows.dose) * drug_rows.strength_mg
        ) as dose_mg,
        drug_rows.source_file,
        drug_rows.source_row,
        row_number() over (
            partition by
                candidates.param_set_id, candidates.centre_id, candidates.patient_key, candidates.component
            order by drug_rows.start_date, drug_rows.row_key
        ) as record_number
    from candidates
    left join drug_rows
        on
            candidates.upstream_param_set_id = drug_rows.param_set_id
            and candidates.centre_id = drug_rows.centre_id
            and candidates.patient_key = drug_rows.patient_key
            and candidates.drug_key = drug_rows.drug_key
            and candidates.line_start_date <= drug_rows.start_date
    where candidates.candidate_number = 1
),

served as (
    select param_set_id, centre_id, patient_key, component, drug_key, dose_mg, source_file, source_row
    from records
    where record_number = 1
)

select * from served
