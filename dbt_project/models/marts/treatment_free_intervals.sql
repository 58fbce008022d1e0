-- One row per study, variant and included patient.
-- R4: earlier immunotherapy, what the index regimen is to it, and the treatment-free interval from its last dose.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R4'),

derived as (select * from {{ ref('int_treatment_free_intervals') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        derived.prior_ici,
        derived.ici_class,
        derived.same_agent,
        derived.same_agent_ever,
        derived.index_agent,
        derived.last_prior_agent,
        derived.last_prior_ici_lo,
        derived.last_prior_ici_hi,
        derived.tfi_days_lo,
        derived.tfi_days_hi,
        derived.tfi_days,
        derived.tfi_months_lo,
        derived.tfi_months_hi,
        derived.tfi_months,
        derived.gap_gt_3m,
        derived.pd_after,
        derived.irae_ok,
        derived.conforms_protocol,
        derived.washout_days,
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
