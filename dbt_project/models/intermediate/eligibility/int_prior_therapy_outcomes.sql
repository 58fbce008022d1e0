-- One row per R3 parameter set and patient with a systemic drug before the index line.
-- R3.2 I4: the first progression or relapse after that therapy began and up to the index date, and whether it was
-- imaged at all in that time.
with prior_therapy as (select * from {{ ref('int_prior_systemic_therapy') }}),

index_dates as (select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }}),

upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

periods as (
    select
        prior_therapy.*,
        index_dates.index_date,
        upstream.upstream_param_set_id
    from prior_therapy
    inner join index_dates
        on
            prior_therapy.param_set_id = index_dates.param_set_id
            and prior_therapy.centre_id = index_dates.centre_id
            and prior_therapy.patient_key = index_dates.patient_key
    inner join upstream on prior_therapy.param_set_id = upstream.param_set_id
),

progressions as (
    select
        periods.param_set_id,
        periods.centre_id,
        periods.patient_key,
        found.progression_date,
        found.source_table,
        found.source_file,
        found.source_row,
        row_number() over (
            partition by periods.param_set_id, periods.centre_id, periods.patient_key
            order by found.progression_date, found.row_key
        ) as progression_number
    from periods
    inner join {{ ref('int_progressions') }} as found
        on
            periods.upstream_param_set_id = found.param_set_id
            and periods.centre_id = found.centre_id
            and periods.patient_key = found.patient_key
            and periods.first_started_date < found.progression_date
            and periods.index_date >= found.progression_date
),

imaged as (
    select distinct periods.param_set_id, periods.centre_id, periods.patient_key
    from periods
    inner join {{ ref('int_responses') }} as assessments
        on
            periods.upstream_param_set_id = assessments.param_set_id
            and periods.centre_id = assessments.centre_id
            and periods.patient_key = assessments.patient_key
            and periods.first_started_date < assessments.response_date
            and periods.index_date >= assessments.response_date
    where assessments.response <> 'NE'
),

outcomes as (
    select
        periods.*,
        progressions.progression_date,
        progressions.source_table as progression_table,
        progressions.source_file as progression_file,
        progressions.source_row as progression_row,
        imaged.patient_key is not null as is_imaged
    from periods
    left join progressions
        on
            periods.param_set_id = progressions.param_set_id
            and periods.centre_id = progressions.centre_id
            and periods.patient_key = progressions.patient_key
            and progressions.progression_number = 1
    left join imaged
        on
            periods.param_set_id = imaged.param_set_id
            and periods.centre_id = imaged.centre_id
            and periods.patient_key = imaged.patient_key
)

select * from outcomes
