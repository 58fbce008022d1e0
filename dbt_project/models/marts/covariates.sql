-- One row per study, variant, included patient and covariate.
-- R3.3 to R3.6: baseline characteristics, long: the value, its level, and the row that it came from; missing values
-- keep a row.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R3'),

derived as (select * from {{ ref('int_covariates') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.covariate,
        derived.covariate_seq,
        derived.label,
        derived.value_number,
        derived.value_text,
        derived.level,
        derived.level_seq,
        derived.is_reference,
        derived.source_table,
        derived.source_file,
        derived.source_row
    from included
    inner join derived
        on
            included.param_set_id = derived.param_set_id
            and included.centre_id = derived.centre_id
            and included.patient_key = derived.patient_key
)

select * from published
