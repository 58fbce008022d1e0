-- One row per parameter set of dosing.
-- R7: the parameters that dose intensity, delays and interruptions read, typed; params.csv has their defaults.
with typed as (
    {{ typed_parameters('R7', {
        'days_per_month': 'double',
        'tte_add_one': 'integer',
        'rdi_reference': 'varchar',
        'rdi_max_pct': 'integer',
        'delay_iv_days': 'integer',
        'interruption_on_days': 'integer',
        'omission_iv_cycles': 'integer',
        'omission_iv_tolerance_days': 'integer',
        'on_phase_min_on_days': 'integer',
        'on_phase_min_off_days': 'integer',
        'duration_end': 'varchar',
        'stop_pd_max_days': 'integer'
    }) }}
)

select * from typed
