-- One row per R6 parameter set and patient with an index date.
-- R0.4, R6.3: after the death, from the day of a disputed death on and after the cutoff nothing counts; a disputed
-- death before the index date ends observation at the index date.
{{ config(materialized='view') }}

with followed as (select * from {{ ref('int_followed_patients') }}),

deaths as (select * from {{ ref('int_deaths') }}),

observed as (
    select
        followed.*,
        deaths.death_date,
        deaths.death_date_flag,
        deaths.death_status,
        deaths.death_source,
        deaths.source_file as death_source_file,
        deaths.source_row as death_source_row,
        greatest(
            least(
                case
                    when deaths.death_status = 'DISPUTED' then {{ days_after('deaths.death_date', '-1') }}
                    else deaths.death_date
                end,
                followed.data_cutoff
            ),
            followed.index_date
        ) as last_counted_date,
        deaths.death_date is null and followed.data_cutoff is null as is_open_ended
    from followed
    left join deaths
        on
            followed.param_set_id = deaths.param_set_id
            and followed.centre_id = deaths.centre_id
            and followed.patient_key = deaths.patient_key
)

select * from observed
