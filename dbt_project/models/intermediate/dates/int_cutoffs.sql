-- One row per parameter set and centre.
-- R0.4: the last day that the study knows: its own date, or the centre's newest extract; none without a calendar.
with param_sets as (select * from {{ source('protocol', 'param_sets') }}),

centres as (select centre_id, calendar from {{ source('lake', 'centres') }}),

newest_extracts as (
    select centre_id, max(extract_date) as extract_date
    from {{ source('lake', 'deliveries') }}
    group by centre_id
),

cutoffs as (
    select
        param_sets.param_set_id,
        param_sets.rule_family,
        centres.centre_id,
        case
            when centres.calendar = 'relative' then null
            when param_sets.cutoff_rule = 'latest_extract' then newest_extracts.extract_date
            else param_sets.cutoff_date
        end as data_cutoff
    from param_sets
    cross join centres
    left join newest_extracts on centres.centre_id = newest_extracts.centre_id
)

select * from cutoffs
