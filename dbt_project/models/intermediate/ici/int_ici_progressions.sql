-- One row per R4 parameter set and patient with a prior checkpoint-inhibitor dose who progressed after it.
-- R4.3: the first progression or relapse after the first prior dose and up to the index date, and whether one came
-- after the first dose known to be an inhibitor too, as a blinded one may be none.
with upstream as (
    select param_set_id, upstream_param_set_id
    from {{ source('protocol', 'param_set_upstream') }}
    where upstream_family = 'RS'
),

prior_ici as (select * from {{ ref('int_prior_ici') }} where has_prior_dose),

progressions as (select * from {{ ref('int_progressions') }}),

progressed as (
    select
        prior_ici.param_set_id,
        prior_ici.centre_id,
        prior_ici.patient_key,
        min(progressions.progression_date) as progression_date,
        coalesce(bool_or(progressions.progression_date > prior_ici.first_known_prior_date), true) as is_after_known_dose
    from prior_ici
    inner join upstream on prior_ici.param_set_id = upstream.param_set_id
    inner join progressions
        on
            upstream.upstream_param_set_id = progressions.param_set_id
            and prior_ici.centre_id = progressions.centre_id
            and prior_ici.patient_key = progressions.patient_key
    where
        progressions.progression_date > prior_ici.first_prior_date
        and progressions.progression_date <= prior_ici.index_date
    group by prior_ici.param_set_id, prior_ici.centre_id, prior_ici.patient_key
)

select * from progressed
