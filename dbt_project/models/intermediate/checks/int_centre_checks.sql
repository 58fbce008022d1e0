-- One row per check, table, centre and, for the cutoff, study and variant, counted on whole tables of a centre.
-- R10: unknown centres (DQ028), volume (DQ041), units (DQ052), dates that cannot be (DQ057, DQ058: those that passed),
-- dates after the cutoff (DQ059), guessed dates (DQ075), infusions on Sundays (DQ076).
with days as (select * from {{ ref('int_event_days') }}),

centres as (select centre_id, calendar <> 'relative' as has_calendar from {{ source('lake', 'centres') }}),

permitted_days as (select value as day_of_month from {{ ref('dq_limits') }} where check_id = 'DQ075'),

filled_tables as (select distinct table_name from days),

volumes as (
    select
        centres.centre_id,
        filled_tables.table_name,
        coalesce(sum(days.n_rows), 0) as n_rows
    from centres
    cross join filled_tables
    left join days on centres.centre_id = days.centre_id and filled_tables.table_name = days.table_name
    group by centres.centre_id, filled_tables.table_name
),

patient_months as (
    select centre_id, count(*) as n_months
    from (
        select distinct centre_id, patient_key, {{ dbt.date_trunc('month', 'record_date') }} as record_month
        from {{ ref('int_record_days') }}
    ) as months
    group by centre_id
),

densities as (
    select
        volumes.centre_id,
        volumes.table_name,
        cast(volumes.n_rows as double) / patient_months.n_months as density,
        median(cast(volumes.n_rows as double) / patient_months.n_months) over (
            partition by volumes.table_name
        ) as median_density,
        count(*) over (partition by volumes.table_name) as n_centres
    from volumes
    inner join patient_months on volumes.centre_id = patient_months.centre_id
),

dated as (
    select
        days.*,
        centres.has_calendar,
        extract(day from days.event_date) in (select permitted_days.day_of_month from permitted_days) as is_guess_day
    from days
    inner join centres on days.centre_id = centres.centre_id
    where days.event_date is not null
),

studies as (
    select study_id, variant, param_set_id from {{ source('protocol', 'study_param_sets') }} where rule_family = 'R3'
),

counted as (
    select
        'DQ028' as check_id, days.table_name, days.centre_id, null as study_id, null as variant,
        days.n_rows, case when centres.centre_id is null then days.n_rows else 0 end as n_fail
    from days
    left join centres on days.centre_id = centres.centre_id
    union all
    select
        'DQ041' as check_id, table_name, centre_id, null as study_id, null as variant, 1 as n_rows,
        case
            when
                density < median_density * {{ dq_limit('DQ041', 'table_volume', 'min') }}
                or density > median_density * {{ dq_limit('DQ041', 'table_volume', 'max') }}
                then 1
            else 0
        end as n_fail
    from densities
    where n_centres > 1
    {%- for check_id in ['DQ057', 'DQ058'] %}
        union all
        select
            '{{ check_id }}' as check_id, table_name, centre_id, null as study_id, null as variant, n_rows, 0 as n_fail
        from dated
        where has_calendar and table_name not in ('patient', 'adjudication')
    {%- endfor %}
    union all
    select
        'DQ059' as check_id, dated.table_name, dated.centre_id, studies.study_id, studies.variant, dated.n_rows,
        case when dated.event_date > cutoffs.data_cutoff then dated.n_rows else 0 end as n_fail
    from dated
    inner join {{ ref('int_cutoffs') }} as cutoffs on dated.centre_id = cutoffs.centre_id
    inner join studies on cutoffs.param_set_id = studies.param_set_id
    where cutoffs.data_cutoff is not null
    union all
    select
        'DQ075' as check_id, table_name, centre_id, null as study_id, null as variant, n_rows,
        case when is_guess_day then n_rows else 0 end as n_fail
    from dated
    where has_calendar and is_day_known
    union all
    select
        'DQ076' as check_id, table_name, centre_id, null as study_id, null as variant, n_rows,
        case when extract(dow from event_date) = 0 then n_rows else 0 end as n_fail
    from dated
    where has_calendar and is_day_known and is_infusion
),

summed as (
    select
        check_id,
        table_name,
        centre_id,
        study_id,
        variant,
        sum(n_rows) as n_rows,
        sum(n_fail) as n_fail
    from counted
    group by check_id, table_name, centre_id, study_id, variant
)

select * from summed
