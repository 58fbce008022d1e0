-- One row per condition baseline_value and patient screened.
-- R3.2 I2, R3.3: the item's baseline value lies inside the bounds; without a value in the window, or without an index
-- date, it is unknown.
with asked as (select * from {{ ref('int_conditions_asked') }} where condition_type = 'baseline_value'),

baseline as (select * from {{ ref('int_baseline_ecog') }}),

judged as (
    select
        asked.param_set_id,
        asked.criterion_id,
        asked.condition_no,
        asked.centre_id,
        asked.patient_key,
        case
            when baseline.value_number is null then 'UNKNOWN'
            when baseline.value_number < asked.number_min or baseline.value_number > asked.number_max then 'NOT_MET'
            else 'MET'
        end as status,
        case
            when asked.index_date is null then 'NO_INDEX'
            when baseline.value_number is null then asked.item || '_MISSING'
            when baseline.value_number < asked.number_min then asked.item || '_BELOW_MIN'
            when baseline.value_number > asked.number_max then asked.item || '_ABOVE_MAX'
            else asked.item || '_IN_RANGE'
        end as reason,
        case when baseline.value_number is not null then baseline.source_table end as source_table,
        baseline.source_file,
        baseline.source_row
    from asked
    left join baseline
        on
            asked.param_set_id = baseline.param_set_id
            and asked.centre_id = baseline.centre_id
            and asked.patient_key = baseline.patient_key
            and asked.item = baseline.item
)

select * from judged
