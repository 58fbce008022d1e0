-- One row per centre, contract table and month of the event; one without a month for the rows that none can be given.
-- R10: how many of the rows that staging holds fall into a month. No month have rows of which no more than the year is
-- known, plans beyond the newest extract, and all rows of a centre whose days count from an anchor.
with days as (select * from {{ ref('int_event_days') }} where table_name not in ('patient', 'adjudication')),

extracts as ({{ newest_extracts() }}),

months as (
    select
        days.centre_id,
        days.table_name,
        case
            when days.is_month_known and days.event_date <= extracts.newest_extract_date
                then cast({{ dbt.date_trunc('month', 'days.event_date') }} as date)
        end as event_month,
        days.n_rows
    from days
    left join extracts on days.centre_id = extracts.centre_id
),

counted as (
    select
        centre_id,
        table_name,
        event_month,
        cast(sum(n_rows) as bigint) as n_rows
    from months
    group by centre_id, table_name, event_month
)

select * from counted
