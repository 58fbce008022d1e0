-- One row per R6 parameter set and patient who progressed after the index date.
-- R6.2: the first progression or relapse shown by imaging (IMAGING), stated by the clinician (CLINICIAN), whichever is
-- first (EITHER), or the later of the two (BOTH).
with observed as (select * from {{ ref('int_observation_ends') }}),

parameters as (
    select
        param_set_id,
        case when clinical_pd_counts = 'Y' and pd_source = 'IMAGING' then 'EITHER' else pd_source end as pd_source
    from {{ ref('int_parameters_r6') }}
),

progressions as (select * from {{ ref('int_progressions') }}),

after_index as (
    select
        observed.param_set_id,
        observed.centre_id,
        observed.patient_key,
        progressions.progression_kind = 'CLIN_PD' as is_clinical,
        progressions.progression_date,
        progressions.progression_kind,
        progressions.event_flag,
        progressions.source_table,
        progressions.source_file,
        progressions.source_row,
        row_number() over (
            partition by
                observed.param_set_id, observed.centre_id, observed.patient_key,
                progressions.progression_kind = 'CLIN_PD'
            order by progressions.progression_date, progressions.event_flag, progressions.row_key
        ) as kind_number
    from observed
    inner join progressions
        on
            observed.stream_param_set_id = progressions.param_set_id
            and observed.centre_id = progressions.centre_id
            and observed.patient_key = progressions.patient_key
            and observed.index_date < progressions.progression_date
    where observed.is_open_ended or progressions.progression_date <= observed.last_counted_date
),

firsts as (
    select
        *,
        count(*) over (partition by param_set_id, centre_id, patient_key) as n_kinds
    from after_index
    where kind_number = 1
),

ordered as (
    select
        firsts.*,
        row_number() over (
            partition by firsts.param_set_id, firsts.centre_id, firsts.patient_key
            order by
                case when parameters.pd_source = 'BOTH' then firsts.progression_date end desc,
                firsts.progression_date,
                firsts.is_clinical asc
        ) as progression_number
    from firsts
    inner join parameters on firsts.param_set_id = parameters.param_set_id
    where
        (parameters.pd_source = 'IMAGING' and not firsts.is_clinical)
        or (parameters.pd_source = 'CLINICIAN' and firsts.is_clinical)
        or parameters.pd_source = 'EITHER'
        or (parameters.pd_source = 'BOTH' and firsts.n_kinds > 1)
),

chosen as (select * from ordered where progression_number = 1)

select * from chosen
