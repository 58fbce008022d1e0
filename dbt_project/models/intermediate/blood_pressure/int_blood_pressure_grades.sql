-- One row per R8 parameter set and included patient.
-- R8.5: hypertension is the highest grade held on enough separate days after the index date, else a single day's,
-- capped and flagged; it is emergent when persistent, an event and above baseline; drugs started for it are evidence
-- beside it.
with included as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_included_patients') }}
    where rule_family = 'R8'
),

parameters as (
    select param_set_id, bp_min_days, bp_g1_counts, bp_single_day_max_grade from {{ ref('int_parameters_r8') }}
),

days as (select * from {{ ref('int_blood_pressure_days') }}),

drugs as (select * from {{ ref('int_evidence_drug_starts') }} where evidence_of = 'HYPERTENSION'),

numbered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key order by grade desc, specimen_date asc
        ) as grade_number
    from days
    where is_post_baseline and grade is not null
),

after_index as (
    select
        numbered.param_set_id,
        numbered.centre_id,
        numbered.patient_key,
        count(*) as n_days,
        max(numbered.grade) as highest_grade,
        coalesce(max(case when numbered.grade_number = parameters.bp_min_days then numbered.grade end), 0)
            as persistent_grade,
        {{ value_of_first('numbered.specimen_date', 'numbered.grade_number') }} as highest_date,
        {{ value_of_first('numbered.source_table', 'numbered.grade_number') }} as source_table,
        {{ value_of_first('numbered.source_file', 'numbered.grade_number') }} as source_file,
        {{ value_of_first('numbered.source_row', 'numbered.grade_number') }} as source_row
    from numbered
    inner join parameters on numbered.param_set_id = parameters.param_set_id
    group by numbered.param_set_id, numbered.centre_id, numbered.patient_key
),

baselines as (select * from days where baseline_flag = 'Y'),

treated as (
    select
        param_set_id,
        centre_id,
        patient_key,
        coalesce(sum(n_agents) filter (where is_on_at_baseline), 0) as n_agents_at_baseline,
        coalesce(sum(n_agents) filter (where not is_on_at_baseline), 0) as n_agents_started,
        min(case when not is_on_at_baseline then first_date_after end) as first_start_date
    from drugs
    group by param_set_id, centre_id, patient_key
),

summarised as (
    select
        param_set_id,
        centre_id,
        patient_key,
        baselines.specimen_date as baseline_date,
        baselines.window_flag as baseline_window_flag,
        baselines.grade as baseline_grade,
        cast(coalesce(after_index.n_days, 0) as integer) as n_days,
        after_index.highest_grade,
        after_index.highest_date,
        after_index.persistent_grade,
        case
            when after_index.persistent_grade > 0 then after_index.persistent_grade
            when after_index.highest_grade is not null
                then least(after_index.highest_grade, parameters.bp_single_day_max_grade)
        end as derived_grade,
        case
            when after_index.n_days is null then 'NO_DAY_AFTER_INDEX'
            when after_index.persistent_grade = 0 and after_index.highest_grade > 0 then 'SINGLE_DAY'
            else ''
        end as grade_flag,
        case
            when after_index.n_days is null then null
            when baselines.specimen_date is not null and baselines.grade is null then null
            when
                after_index.persistent_grade > case when parameters.bp_g1_counts = 'Y' then 0 else 1 end
                and after_index.persistent_grade > coalesce(baselines.grade, 0)
                then 'Y'
            else 'N'
        end as te_hypertension_flag,
        cast(coalesce(treated.n_agents_at_baseline, 0) as integer) as n_agents_at_baseline,
        cast(coalesce(treated.n_agents_started, 0) as integer) as n_agents_started,
        treated.first_start_date as treatment_date,
        case
            when coalesce(treated.n_agents_started, 0) = 0 then 0
            when treated.n_agents_at_baseline + treated.n_agents_started > 1 then 3
            else 2
        end as treatment_grade,
        after_index.source_table,
        after_index.source_file,
        after_index.source_row
    from included
    inner join parameters using (param_set_id)
    left join after_index using (param_set_id, centre_id, patient_key)
    left join baselines using (param_set_id, centre_id, patient_key)
    left join treated using (param_set_id, centre_id, patient_key)
),

graded as (
    select *, greatest(derived_grade, nullif(treatment_grade, 0)) as hypertension_grade from summarised
)

select * from graded
