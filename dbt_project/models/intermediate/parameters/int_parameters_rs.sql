-- One row per parameter set of the recorded responses.
-- R5.1, R5.3: the parameters that the response stream reads, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('RS', {
        'tp_window_days': 'integer',
        'target_max_total': 'integer',
        'target_max_per_organ': 'integer',
        'target_min_mm': 'decimal(18, 4)',
        'target_node_min_mm': 'decimal(18, 4)',
        'target_slice_mm': 'decimal(18, 4)',
        'target_slice_factor': 'integer',
        'rule_breaking_targets': 'varchar',
        'tstm_mm': 'decimal(18, 4)',
        'node_normal_mm': 'decimal(18, 4)',
        'pd_increase_percent': 'integer',
        'pd_increase_mm': 'decimal(18, 4)',
        'pr_decrease_percent': 'integer',
        'response_source_priority': 'varchar'
    }) }}
)

select * from typed
