-- One row per parameter set of best response.
-- R5.4, R5.5: the parameters that best response reads, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R5', {
        'sd_min_days': 'integer',
        'confirm_days': 'integer',
        'confirm_max_ne': 'integer',
        'confirm_accept_sd': 'varchar',
        'cb_weeks': 'integer',
        'cb_window_days': 'integer',
        'rt_to_target_ends_window': 'varchar',
        'nact_procedures': 'varchar',
        'nact_bone_rt_counts': 'varchar'
    }) }}
)

select * from typed
