-- One row per condition age and patient screened.
-- R3.2 I3: completed years at the index date inside the bounds; without an index date or an age it is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'age'),

ages as (select * from {{ ref('int_ages') }}),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case
            when ages.age_years is null then 'UNKNOWN'
            when ages.age_years < asked.number_min or ages.age_years > asked.number_max then 'NOT_MET'
            else 'MET'
        end as status,
        case
            when asked.index_date is null then 'NO_INDEX'
            when ages.age_years is null then 'AGE_MISSING'
            when ages.age_years < asked.number_min then 'AGE_BELOW_MIN'
            when ages.age_years > asked.number_max then 'AGE_ABOVE_MAX'
            else 'AGE_IN_RANGE'
        end as reason,
        ages.source_table,
        ages.source_file,
        ages.source_row
    from asked
    left join ages
        on
            asked.param_set_id = ages.param_set_id
            and asked.centre_id = ages.centre_id
            and asked.patient_key = ages.patient_key
)

select * from judged
