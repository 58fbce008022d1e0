-- One row per R6 parameter set, patient with an index date and start of the time at risk (INDEX, or LINE if asked for).
-- R0.4, R6.3: after the death, from the day of a disputed death on and after the cutoff nothing counts; a disputed
-- death before the time at risk ends observation where it starts.
{{ config(materialized='view') }}

with followed as (select * from {{ ref('int_followed_patients') }}),

line_starts as (select distinct param_set_id from {{ ref('int_endpoints') }} where at_risk_from = 'LINE'),

deaths as (select * from {{ ref('int_deaths') }} where death_status <> 'NOT_DEAD'),

at_risk as (
    select *, 'INDEX' as at_risk_from, index_date as at_risk_date
    from followed
    union all
    select
        followed.*,
        'LINE' as at_risk_from,
        greatest(followed.index_date, followed.index_line_start_date) as at_risk_date
    from followed
    inner join line_starts on followed.param_set_id = line_starts.param_set_id
    where followed.index_line_start_date is not null
),

observed as (
    select
        at_risk.*,
        deaths.death_date,
        deaths.death_date_flag,
        deaths.death_status,
        deaths.death_source,
        deaths.cause_class,
        deaths.source_table as death_source_table,
        deaths.source_file as death_source_file,
        deaths.source_row as death_source_row,
        greatest(
            least(
                case
                    when deaths.death_status = 'DISPUTED' then {{ days_after('deaths.death_date', '-1') }}
                    else deaths.death_date
                end,
                at_risk.data_cutoff
            ),
            at_risk.at_risk_date
        ) as last_counted_date,
        deaths.death_date is null and at_risk.data_cutoff is null as is_open_ended
    from at_risk
    left join deaths
        on
            at_risk.param_set_id = deaths.param_set_id
            and at_risk.centre_id = deaths.centre_id
            and at_risk.patient_key = deaths.patient_key
)

select * from observed
