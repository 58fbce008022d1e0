-- One row per parameter set of safety.
-- R8: the parameters that adverse events, laboratory and blood pressure grades read, typed; params.csv has their defaults.
with typed as (
    {{ typed_parameters('R8', {
        'te_days_after_last_dose': 'integer',
        'missing_causality': 'varchar',
        'ctcae_version': 'varchar',
        'bp_g1_counts': 'varchar',
        'bp_min_days': 'integer'
    }) }}
)

select * from typed
