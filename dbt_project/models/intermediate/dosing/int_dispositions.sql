-- One row per R7 parameter set, patient with an index date, and index component or the whole treatment (ALL).
-- R7.6: ONGOING, or one reason for the end by precedence: progression or death from cancer soon after the last dose,
-- then what was recorded, then loss from sight, else OTHER; a recorded progression needs a dated one.
{%- set patient = 'param_set_id, centre_id, patient_key' %}
with upstream as (
    select
        sets.param_set_id,
        sets.stop_pd_max_days,
        upstream.upstream_param_set_id as survival_param_set_id
    from {{ ref('int_parameters_r7') }} as sets
    inner join {{ source('protocol', 'param_set_upstream') }} as upstream
        on sets.param_set_id = upstream.param_set_id and upstream.upstream_family = 'R6'
),

observed as (select * from {{ ref('int_observation_ends') }}),

progressions as (
    select
        observed.param_set_id,
        observed.centre_id,
        observed.patient_key,
        min(progressions.progression_date) as progression_date
    from observed
    inner join {{ ref('int_progressions_after_index') }} as progressions
        on
            observed.cohort_param_set_id = progressions.param_set_id
            and observed.centre_id = progressions.centre_id
            and observed.patient_key = progressions.patient_key
            and observed.index_date < progressions.progression_date
    where observed.is_open_ended or progressions.progression_date <= observed.last_counted_date
    group by observed.param_set_id, observed.centre_id, observed.patient_key
),

components as (
    select distinct param_set_id, component from {{ source('protocol', 'index_components') }}
    union all
    select param_set_id, 'ALL' as component from {{ source('protocol', 'param_sets') }} where rule_family = 'R3'
),

ended as (
    select
        upstream.param_set_id,
        observed.centre_id,
        observed.patient_key,
        components.component,
        observed.index_date,
        ends.last_dose_date,
        ends.end_reason,
        ends.stop_reason_recorded,
        ends.source_file,
        ends.source_row,
        stop_reasons.reason as recorded_reason,
        {{ days_between('ends.last_dose_date', 'progressions.progression_date') }}
        <= upstream.stop_pd_max_days as has_progressed,
        observed.death_status = 'ACCEPTED'
        and coalesce(observed.cause_class, 'WITH_TUMOUR') = 'WITH_TUMOUR'
        and {{ days_between('ends.last_dose_date', 'observed.death_date') }} <= upstream.stop_pd_max_days
            as has_died_of_cancer,
        progressions.progression_date,
        case when observed.death_status = 'ACCEPTED' then observed.death_date end as death_date
    from upstream
    inner join observed on upstream.survival_param_set_id = observed.param_set_id
    inner join components on observed.cohort_param_set_id = components.param_set_id
    left join {{ ref('int_treatment_ends') }} as ends
        on
            observed.param_set_id = ends.param_set_id
            and observed.centre_id = ends.centre_id
            and observed.patient_key = ends.patient_key
            and components.component = ends.component
    left join {{ ref('stop_reasons') }} as stop_reasons on ends.stop_reason_recorded = stop_reasons.reason_stop
    left join progressions
        on
            observed.param_set_id = progressions.param_set_id
            and observed.centre_id = progressions.centre_id
            and observed.patient_key = progressions.patient_key
),

dispositions as (
    select
        {{ patient }},
        component,
        index_date,
        last_dose_date,
        end_reason = 'ONGOING' as is_ongoing,
        case
            when end_reason is null then 'NOT_TREATED'
            when end_reason = 'ONGOING' then 'ONGOING'
            when has_progressed then 'PD'
            when has_died_of_cancer then 'DEATH'
            when recorded_reason <> 'PD' then recorded_reason
            when end_reason = 'LOST' then 'LOST'
            else 'OTHER'
        end as reason,
        end_reason,
        stop_reason_recorded,
        progression_date,
        death_date,
        case when end_reason <> 'ONGOING' then last_dose_date end as stop_date,
        source_file,
        source_row
    from ended
)

select * from dispositions
