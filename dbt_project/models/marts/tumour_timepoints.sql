-- One row per study, variant, included patient, reader and time point from the baseline on, or recorded assessment.
-- R5.1-R5.3: target sums and responses relative to the baseline of the index date, beside what the reader recorded.
{%- set assessed = ['param_set_id', 'centre_id', 'patient_key'] %}
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R3'),

derived as (select * from {{ ref('int_tumour_timepoints') }}),

adjudicated as (select * from {{ ref('int_reader_assessments') }} where is_adjudicated),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.reader,
        cast(derived.tp_no as integer) as tp_no,
        derived.tp_label as tp,
        derived.tp_date,
        derived.first_date,
        derived.last_date,
        derived.last_evaluable_date,
        derived.is_baseline,
        derived.baseline_flag,
        cast(derived.n_targets as integer) as n_targets,
        cast(derived.n_targets_missing as integer) as n_targets_missing,
        cast(derived.n_rule_breaking_targets as integer) as n_rule_breaking_targets,
        derived.sum_mm,
        derived.nadir_mm,
        derived.pct_base,
        derived.pct_nadir,
        derived.target_response,
        derived.nontarget_response,
        derived.new_lesion,
        derived.tp_response,
        derived.course_response,
        derived.recorded_response,
        derived.recorded_date,
        coalesce(of_record.response, of_lesions.response) as adjudicated_response,
        derived.discordance,
        derived.review,
        derived.source_table,
        derived.source_file,
        derived.source_row
    from included
    inner join derived
        on
            included.param_set_id = derived.param_set_id
            and included.centre_id = derived.centre_id
            and included.patient_key = derived.patient_key
    left join adjudicated as of_record
        on
            {{ same('derived', 'of_record', assessed) }}
            and derived.reader = of_record.reader
            and derived.recorded_date = of_record.response_date
    left join adjudicated as of_lesions
        on
            {{ same('derived', 'of_lesions', assessed) }}
            and 'DERIVED_' || derived.reader = of_lesions.reader
            and derived.tp_date = of_lesions.response_date
)

select * from published
