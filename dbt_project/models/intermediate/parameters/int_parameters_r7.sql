-- One row per parameter set of dosing.
-- R7: the parameters that dose intensity, delays and interruptions read, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R7', {
        'days_per_month': 'double',
        'tte_add_one': 'integer',
        'rdi_reference': 'varchar',
        'delay_iv_days': 'integer',
        'interruption_on_days': 'integer',
        'duration_end': 'varchar'
    }) }}
)

select * from typed
