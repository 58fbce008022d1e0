-- One row per check and recorded response that the check looked at.
-- R10: far from any scan (DQ067), less than CR after a CR (DQ068), a response after progression without a new line
-- (DQ069, by R2 parameter set).
{{ config(materialized='view') }}

with responses as (
    select
        recorded.*,
        kinds.recist_response,
        kinds.is_evaluable = 'Y' as is_evaluable,
        kinds.is_progression = 'Y' as is_progression
    from {{ ref('stg_response') }} as recorded
    inner join {{ ref('responses') }} as kinds on recorded.response = kinds.response
),

scan_days as (
    select centre_id, patient_key, scan_lo from {{ ref('stg_scan') }} where scan_precision = 'D'
    union
    select centre_id, patient_key, scan_lo from {{ ref('stg_lesion') }} where scan_precision = 'D'
),

nearest_scans as (
    select
        responses.row_key,
        min(abs({{ days_between('scan_days.scan_lo', 'responses.response_lo') }})) as days_to_scan
    from responses
    inner join scan_days on responses.centre_id = scan_days.centre_id and responses.patient_key = scan_days.patient_key
    where responses.response_precision = 'D'
    group by responses.row_key
),

with_history as (
    select
        *,
        max(case when recist_response = 'CR' then response_lo end) over earlier as last_cr_date,
        max(case when is_progression then response_lo end) over earlier as last_pd_date
    from responses
    where response_lo is not null
    window earlier as (
        partition by centre_id, patient_key, reader
        order by response_lo
        range between unbounded preceding and interval 1 day preceding
    )
),

after_progression as (
    select
        with_history.*,
        sets.param_set_id
    from with_history
    cross join {{ ref('int_parameters_r2') }} as sets
    where with_history.is_evaluable and with_history.last_pd_date < with_history.response_lo
),

in_new_line as (
    select distinct
        after_progression.param_set_id,
        after_progression.row_key
    from after_progression
    inner join {{ ref('int_lines_of_therapy') }} as lines
        on
            after_progression.param_set_id = lines.param_set_id
            and after_progression.centre_id = lines.centre_id
            and after_progression.patient_key = lines.patient_key
            and after_progression.last_pd_date < lines.start_date
            and after_progression.response_lo >= lines.start_date
),

flags as (
    select
        'response' as table_name,
        with_history.centre_id,
        with_history.patient_key,
        with_history.row_key,
        with_history.source_file,
        with_history.source_row,
        cast(null as varchar) as param_set_id,
        nearest_scans.days_to_scan > {{ dq_limit('DQ067', 'response_to_scan', 'max') }} as dq067,
        case
            when with_history.is_evaluable
                then
                    with_history.recist_response <> 'CR'
                    and coalesce(with_history.last_cr_date < with_history.response_lo, false)
                    and coalesce(with_history.last_cr_date > with_history.last_pd_date, true)
        end as dq068,
        cast(null as boolean) as dq069
    from with_history
    left join nearest_scans on with_history.row_key = nearest_scans.row_key
    union all
    select
        'response' as table_name,
        after_progression.centre_id,
        after_progression.patient_key,
        after_progression.row_key,
        after_progression.source_file,
        after_progression.source_row,
        after_progression.param_set_id,
        cast(null as boolean) as dq067,
        cast(null as boolean) as dq068,
        in_new_line.row_key is null as dq069
    from after_progression
    left join in_new_line
        on
            after_progression.param_set_id = in_new_line.param_set_id
            and after_progression.row_key = in_new_line.row_key
),

looked_at as ({{ by_check('flags', ['DQ067', 'DQ068', 'DQ069']) }})

select * from looked_at where is_failed is not null
