-- One row per parameter set of the cohort.
-- R3: the parameters that index and eligibility read, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R3', {
        'index_rule': 'varchar',
        'unknown_policy_I1_I4': 'varchar',
        'unknown_policy_E3': 'varchar',
        'bl_ecog_before': 'integer',
        'bl_ecog_after': 'integer',
        'bl_lab_before': 'integer',
        'bl_imaging_before': 'integer',
        'bl_imaging_late_after': 'integer',
        'bl_stage_after': 'integer',
        'bl_lab_late_before': 'integer',
        'bl_bp_before': 'integer',
        'bl_bp_late_before': 'integer',
        'rt_combo_window_days': 'integer'
    }) }}
)

select * from typed
