-- One row per study, variant other than the primary, patient and derived item that the variant changes.
-- R0: the same rules under other parameters; a patient who enters, leaves or moves is listed with both values.
with cohort as (select * from {{ ref('study_cohort') }}),

items as (
    select study_id, variant, centre_id, patient_key, 'INCLUDED' as item, cast(is_included as varchar) as item_value
    from cohort
    union all
    select study_id, variant, centre_id, patient_key, 'INDEX_DATE' as item, cast(index_date as varchar) as item_value
    from cohort
    union all
    select study_id, variant, centre_id, patient_key, 'PRIOR_LINES' as item, cast(prior_lines as varchar) as item_value
    from cohort
    union all
    select study_id, variant, centre_id, patient_key, 'INDEX_REGIMEN' as item, index_regimen as item_value
    from cohort
    union all
    select study_id, variant, centre_id, patient_key, 'BOR' as item, bor as item_value
    from {{ ref('best_response') }}
    union all
    select study_id, variant, centre_id, patient_key, 'CONFIRMED_BOR' as item, confirmed_bor as item_value
    from {{ ref('best_response') }}
    union all
    select
        study_id, variant, centre_id, patient_key, paramcd as item,
        cast(end_date as varchar) || case when cnsr = 0 then ' event' else ' censored' end as item_value
    from {{ ref('survival_times') }}
),

pairs as (
    select
        cohort.study_id,
        cohort.variant,
        cohort.centre_id,
        cohort.patient_key,
        cohort.is_included and primary_cohort.is_included as is_included_in_both
    from cohort
    inner join cohort as primary_cohort
        on
            cohort.study_id = primary_cohort.study_id
            and cohort.centre_id = primary_cohort.centre_id
            and cohort.patient_key = primary_cohort.patient_key
            and primary_cohort.variant = 'primary'
    where cohort.variant <> 'primary'
),

sides as (
    select
        pairs.study_id,
        pairs.variant,
        pairs.centre_id,
        pairs.patient_key,
        pairs.is_included_in_both,
        items.item,
        max(case when items.variant = 'primary' then items.item_value end) as primary_value,
        max(case when items.variant <> 'primary' then items.item_value end) as variant_value
    from pairs
    inner join items
        on
            pairs.study_id = items.study_id
            and pairs.centre_id = items.centre_id
            and pairs.patient_key = items.patient_key
            and items.variant in ('primary', pairs.variant)
    group by
        pairs.study_id,
        pairs.variant,
        pairs.centre_id,
        pairs.patient_key,
        pairs.is_included_in_both,
        items.item
)

select
    study_id,
    variant,
    centre_id,
    patient_key,
    item,
    is_included_in_both,
    primary_value,
    variant_value
from sides
where primary_value is distinct from variant_value
