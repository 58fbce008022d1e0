-- One row per parameter set of prior immunotherapy.
-- R4: the parameters that treatment-free intervals read, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R4', {
        'days_per_month': 'double',
        'ici_same_agent_min_months': 'integer',
        'ici_continuation_max_days': 'integer',
        'irae_max_grade': 'integer'
    }) }}
)

select * from typed
