-- One row per parameter set of safety.
-- R8: the parameters that adverse events, laboratory and pressure grades read, typed; params.csv has their defaults.
with typed as (
    {{ typed_parameters('R8', {
        'te_days_after_last_dose': 'integer',
        'te_irae_days_after_last_dose': 'integer',
        'irae_steroid_days': 'integer',
        'irae_steroid_mg_per_kg': 'decimal(18, 4)',
        'vascular_haemorrhage_min_grade': 'integer',
        'missing_causality': 'varchar',
        'ctcae_version': 'varchar',
        'bp_g1_counts': 'varchar',
        'bp_min_days': 'integer',
        'bp_single_day_max_grade': 'integer',
        'upro_override_days': 'integer'
    }) }}
)

select * from typed
