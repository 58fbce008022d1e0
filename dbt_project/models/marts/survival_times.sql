-- One row per study, variant, included patient and endpoint.
-- R6.1, R6.2: time to event in days and months; CNSR 0 is an event, other codes say why the time is censored.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R6'),

endpoints as (select study_id, variant, param_set_id, paramcd, param from {{ source('protocol', 'endpoints') }}),

times as (select * from {{ ref('int_survival_times') }}),

published as (
    select
        included.study_id,
        included.variant,
        included.centre_id,
        included.patient_key,
        times.paramcd,
        endpoints.param,
        times.start_date,
        times.end_date,
        times.end_date_flag,
        times.aval_days,
        times.aval_months,
        times.cnsr,
        times.evntdesc,
        times.cnsdtdsc,
        times.srcdom,
        times.srcvar,
        times.source_file,
        times.source_row
    from included
    inner join endpoints
        on
            included.study_id = endpoints.study_id
            and included.variant = endpoints.variant
            and included.param_set_id = endpoints.param_set_id
    inner join times
        on
            endpoints.param_set_id = times.param_set_id
            and endpoints.paramcd = times.paramcd
            and included.centre_id = times.centre_id
            and included.patient_key = times.patient_key
)

select * from published
