-- One row per parameter set of the recorded responses.
-- R5.1, R5.3: the parameters that the response stream reads, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('RS', {
        'tp_window_days': 'integer',
        'target_max_total': 'integer',
        'target_max_per_organ': 'integer',
        'tstm_mm': 'integer',
        'response_source_priority': 'varchar'
    }) }}
)

select * from typed
