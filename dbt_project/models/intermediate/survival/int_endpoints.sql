-- One row per R6 parameter set and endpoint.
-- R6.2: its definition: which endpoint of the rule book it is built as, where its clock starts, from when events count
-- (a line that starts after a diagnosis index: from that line on), and its parameters.
with parameters as (select * from {{ ref('int_endpoint_parameters') }}),

starts as (select distinct base, starts_at from {{ ref('endpoint_sources') }}),

cohorts as (
    select upstream.param_set_id, definitions.index_type
    from {{ source('protocol', 'param_set_upstream') }} as upstream
    inner join {{ source('protocol', 'index_definitions') }} as definitions
        on upstream.upstream_param_set_id = definitions.param_set_id
    where upstream.upstream_family = 'R3'
),

typed as (
    select
        param_set_id,
        paramcd,
        component,
        {%- for parameter, type in {
            'tte_start': 'varchar',
            'pd_source': 'varchar',
            'death_event': 'varchar',
            'death_cause_unknown': 'varchar',
            'ttnt_scope': 'varchar',
            'pfs_nact': 'varchar',
            'pfs_nact_censor_at': 'varchar',
            'pfs_nact_tie': 'varchar',
            'pfs_censor_at': 'varchar',
            'pfs_missed_assessments': 'varchar',
            'pfs_no_baseline': 'varchar',
            'assess_interval_days': 'integer',
            'assess_window_days': 'integer'
        }.items() %}
            cast(max(case when parameter = '{{ parameter }}' then value end) as {{ type }}) as {{ parameter }},
        {%- endfor %}
        built_as
    from parameters
    group by param_set_id, paramcd, component, built_as
),

defined as (
    select
        typed.*,
        coalesce(starts.starts_at, typed.tte_start) as starts_at,
        case
            when typed.tte_start = 'LINE' and cohorts.index_type = 'diagnosis' then 'LINE' else 'INDEX'
        end as at_risk_from,
        typed.assess_interval_days + typed.assess_interval_days + typed.assess_window_days as longest_silence_days
    from typed
    inner join starts on typed.built_as = starts.base
    inner join cohorts on typed.param_set_id = cohorts.param_set_id
)

select * from defined
