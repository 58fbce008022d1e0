-- One row per study, variant and patient screened.
-- R3.1, R3.2, R3.5: index date and line, metastatic sites in both counts, and whether the patient is included or at
-- which criterion the patient left.
with sets as (
    select study_id, variant, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R3'
),

index_dates as (select * from {{ ref('int_index') }}),

eligibility as (select * from {{ ref('int_eligibility_patients') }}),

sites as (select * from {{ ref('int_metastatic_sites') }}),

cohort as (
    select
        sets.study_id,
        sets.variant,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        index_dates.index_status,
        index_dates.index_line_seq,
        index_dates.index_line_no,
        index_dates.index_regimen,
        index_dates.has_extra_agents,
        index_dates.prior_lines,
        cast(sites.n_sites_organ as integer) as n_sites_organ,
        cast(sites.n_sites_station as integer) as n_sites_station,
        index_dates.data_cutoff,
        eligibility.is_included,
        eligibility.first_failed_criterion,
        eligibility.first_failed_status,
        eligibility.first_failed_reason,
        index_dates.source_table,
        index_dates.source_file,
        index_dates.source_row
    from sets
    inner join index_dates on sets.param_set_id = index_dates.param_set_id
    inner join eligibility
        on
            index_dates.param_set_id = eligibility.param_set_id
            and index_dates.centre_id = eligibility.centre_id
            and index_dates.patient_key = eligibility.patient_key
    left join sites
        on
            index_dates.param_set_id = sites.param_set_id
            and index_dates.centre_id = sites.centre_id
            and index_dates.patient_key = sites.patient_key
)

select * from cohort
