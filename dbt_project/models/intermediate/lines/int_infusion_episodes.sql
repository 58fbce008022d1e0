-- One row per R2 parameter set, patient, drug and span of infusions or injections without a long break.
-- R2.2: the next infusion belongs to the span unless it is too late, or comes after progression and a real break.
with parameters as (select * from {{ ref('int_parameters_r2') }}),

progressions as (select * from {{ ref('int_line_events') }} where event_kind = 'PD'),

administrations as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        local_route,
        start_date,
        max(coalesce(end_date, start_date)) as last_date,
        greatest(max(cycle_days), 1) as cycle_days,
        bool_or(source_kind = 'HISTORY') as is_told,
        {{ complete_sum(given_mg()) }} as given_mg
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_oral = 'N'
    group by param_set_id, centre_id, patient_key, drug_key, local_route, start_date
),

covered as (
    select
        *,
        {{ days_after('last_date', 'coalesce(cycle_days, 1) - 1') }} as covered_through_date
    from administrations
),

followed as (
    select
        covered.*,
        lag(covered.cycle_days) over by_day as previous_cycle_days,
        max(covered.last_date) over earlier as previous_last_date,
        max(covered.covered_through_date) over earlier as previous_covered_date
    from covered
    window
        by_day as (
            partition by param_set_id, centre_id, patient_key, drug_key, local_route order by start_date
        ),
        earlier as (by_day rows between unbounded preceding and 1 preceding)
),

after_progression as (
    select distinct
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        followed.drug_key,
        followed.local_route,
        followed.start_date
    from followed
    inner join parameters on followed.param_set_id = parameters.param_set_id
    inner join progressions
        on
            followed.param_set_id = progressions.param_set_id
            and followed.centre_id = progressions.centre_id
            and followed.patient_key = progressions.patient_key
            and followed.previous_last_date < progressions.event_date
            and followed.start_date >= progressions.event_date
    where {{ days_between('followed.previous_covered_date', 'followed.start_date') }} - 1 > parameters.tbp_max_gap_days
),

broken as (
    select
        followed.*,
        case
            when followed.previous_last_date is null or after_progression.start_date is not null then 1
            when
                {{ days_between('followed.previous_last_date', 'followed.start_date') }}
                > parameters.iv_max_interval_factor * followed.previous_cycle_days + parameters.iv_max_interval_extra
                then 1
            else 0
        end as is_new_span
    from followed
    inner join parameters using (param_set_id)
    left join after_progression using (param_set_id, centre_id, patient_key, drug_key, local_route, start_date)
),

numbered as (
    select
        *,
        sum(is_new_span) over (
            partition by param_set_id, centre_id, patient_key, drug_key, local_route
            order by start_date rows between unbounded preceding and current row
        ) as span_no
    from broken
),

spans as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        local_route,
        min(start_date) as start_date,
        max(start_date) as last_start_date,
        max(last_date) as last_dose_date,
        max(covered_through_date) as covered_through_date,
        max(cycle_days) as cycle_days,
        cast(case when not bool_or(is_told) then count(*) end as integer) as on_days,
        {{ complete_sum('given_mg') }} as total_mg
    from numbered
    group by param_set_id, centre_id, patient_key, drug_key, local_route, span_no
)

select * from spans
