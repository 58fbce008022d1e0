-- One row per R6 parameter set, patient and index component, and one for the whole index treatment (ALL).
-- R6.2, R7.6: the last dose, and whether treatment goes on at the cutoff, was lost from sight, or ended: by a new line,
-- a recorded reason, death, or because the patient was seen again when supply and grace were over.
with dosed as (select * from {{ ref('int_treatment_doses') }}),

last_alive as (
    select param_set_id, centre_id, patient_key, last_known_alive_date from {{ ref('int_last_known_alive') }}
),

judged as (
    select
        dosed.param_set_id,
        dosed.centre_id,
        dosed.patient_key,
        dosed.component,
        max(dosed.last_dose_date) as last_dose_date,
        max(dosed.covered_through_date) as covered_through_date,
        max(dosed.stop_reason) as stop_reason_recorded,
        case
            when dosed.next_line_date is not null then 'NEW_LINE'
            when max(dosed.stop_reason) <> 'LOST' then 'RECORDED_STOP'
            when dosed.death_status <> 'DISPUTED' then 'DEATH'
            when max(dosed.stop_reason) = 'LOST' then 'LOST'
            when max(dosed.grace_end_date) >= dosed.data_cutoff and dosed.death_status is null then 'ONGOING'
            when max(dosed.grace_end_date) >= last_alive.last_known_alive_date then 'LOST'
            else 'NOT_RESUMED'
        end as end_reason,
        {{ value_of_last('dosed.source_file', 'dosed.last_dose_date || dosed.episode_id') }} as source_file,
        {{ value_of_last('dosed.source_row', 'dosed.last_dose_date || dosed.episode_id') }} as source_row
    from dosed
    inner join last_alive using (param_set_id, centre_id, patient_key)
    group by
        dosed.param_set_id, dosed.centre_id, dosed.patient_key, dosed.component, dosed.next_line_date,
        dosed.death_status, dosed.data_cutoff, last_alive.last_known_alive_date
),

whole as (
    select
        param_set_id,
        centre_id,
        patient_key,
        'ALL' as component,
        max(last_dose_date) as last_dose_date,
        max(covered_through_date) as covered_through_date,
        {{ value_of_last('stop_reason_recorded', 'last_dose_date || component') }} as stop_reason_recorded,
        {{ value_of_last('end_reason', "(end_reason = 'ONGOING', end_reason = 'LOST', last_dose_date, component)") }}
            as end_reason,
        {{ value_of_last('source_file', 'last_dose_date || component') }} as source_file,
        {{ value_of_last('source_row', 'last_dose_date || component') }} as source_row
    from judged
    group by param_set_id, centre_id, patient_key
),

ends as (
    select * from judged
    where component <> 'LINE'
    union all
    select * from whole
),

classed as (
    select
        *,
        end_reason = 'ONGOING' as is_ongoing,
        end_reason = 'LOST' as is_lost,
        case when end_reason not in ('ONGOING', 'LOST') then last_dose_date end as stop_date,
        'drug_row' as source_table
    from ends
)

select * from classed
