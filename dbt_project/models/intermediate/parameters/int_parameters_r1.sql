-- One row per parameter set of the drug names.
-- R1: the numbers that drug normalisation reads, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R1', {
        'fuzzy_min_len_latin': 'integer',
        'fuzzy_min_len_cjk': 'integer',
        'fuzzy_long_len_latin': 'integer',
        'fuzzy_long_max_edits': 'integer'
    }) }}
)

select * from typed
