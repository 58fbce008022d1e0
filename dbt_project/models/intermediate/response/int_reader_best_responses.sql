-- One row per R5 parameter set, patient with an index date and source of responses.
-- R5.4: best overall response without and with confirmation, the first of CR, PR, SD late enough, NON-CR/NON-PD late
-- enough, PD, NE and MISSING that exists; its reason is ADJUDICATED where a decision entered.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
with windows as (select * from {{ ref('int_response_windows') }}),

parameters as (select param_set_id, sd_min_days from {{ ref('int_parameters_r5') }}),

assessments as (select * from {{ ref('int_assessments_in_window') }}),

confirmed as (
    select
        param_set_id,
        centre_id,
        patient_key,
        reader,
        bool_or(confirmed_response = 'CR') as has_confirmed_cr,
        min(first_date) as first_confirmed_response_date
    from {{ ref('int_confirmed_responses') }}
    group by param_set_id, centre_id, patient_key, reader
),

summed as (
    select
        assessments.param_set_id,
        assessments.centre_id,
        assessments.patient_key,
        assessments.reader,
        count(*) as n_assessments,
        min(assessments.reader_used) as response_source,
        bool_or(assessments.is_adjudicated) as is_adjudicated,
        min(case when assessments.is_response then assessments.response_date end) as first_response_date,
        min(case when assessments.response = 'CR' then assessments.response_date end) as first_cr_date,
        max(case when assessments.response in ('PR', 'SD') then assessments.response_date end) as last_lesser_date,
        max(case when assessments.response not in ('PD', 'NE') then assessments.response_date end) as last_nonpd_date,
        bool_or(assessments.response = 'PR') as has_pr,
        bool_or(
            assessments.response in ('CR', 'PR', 'SD') and assessments.response_day >= parameters.sd_min_days
        ) as has_late_control,
        bool_or(assessments.response = 'SD' and assessments.response_day >= parameters.sd_min_days) as has_late_sd,
        bool_or(
            assessments.response = 'NON-CR/NON-PD' and assessments.response_day >= parameters.sd_min_days
        ) as has_late_non_cr_non_pd,
        bool_or(assessments.response in ('SD', 'NON-CR/NON-PD')) as has_stable,
        bool_or(assessments.response = 'PD') as has_pd
    from assessments
    inner join parameters on assessments.param_set_id = parameters.param_set_id
    group by assessments.param_set_id, assessments.centre_id, assessments.patient_key, assessments.reader
),

judged as (
    select
        windows.*,
        summed.response_source,
        coalesce(summed.n_assessments, 0) as n_assessments,
        summed.first_response_date,
        summed.last_nonpd_date,
        confirmed.first_confirmed_response_date,
        coalesce(summed.last_lesser_date > summed.first_cr_date, false) as is_cr_then_non_cr,
        summed.has_stable,
        summed.is_adjudicated,
        case
            when summed.n_assessments is null then 'MISSING'
            when summed.first_cr_date is not null then 'CR'
            when summed.has_pr then 'PR'
            when summed.has_late_sd then 'SD'
            when summed.has_late_non_cr_non_pd then 'NON-CR/NON-PD'
            when summed.has_pd then 'PD'
            else 'NE'
        end as bor,
        case
            when summed.n_assessments is null then 'MISSING'
            when confirmed.has_confirmed_cr then 'CR'
            when confirmed.patient_key is not null then 'PR'
            when summed.has_late_control then 'SD'
            when summed.has_late_non_cr_non_pd then 'NON-CR/NON-PD'
            when summed.has_pd then 'PD'
            else 'NE'
        end as confirmed_bor
    from windows
    left join summed
        on
            {{ same('windows', 'summed', keys) }}
    left join confirmed
        on
            {{ same('windows', 'confirmed', keys) }}
),

sourced as (
    select
        judged.*,
        judged.bor in ('CR', 'PR') as is_responder,
        judged.bor in ('CR', 'PR', 'SD', 'NON-CR/NON-PD') as is_controlled,
        case
            when judged.bor = 'MISSING' then 'NO_ASSESSMENT'
            when judged.is_adjudicated then 'ADJUDICATED'
            when judged.is_cr_then_non_cr then 'CR_THEN_NONCR'
            when judged.bor = 'NE' and judged.has_stable then 'STABLE_TOO_EARLY'
            when judged.bor = 'NE' then 'NOT_EVALUABLE'
            else judged.bor || '_IN_WINDOW'
        end as bor_reason,
        assessments.response_date as bor_date,
        assessments.source_table,
        assessments.row_key,
        assessments.source_file,
        assessments.source_row,
        row_number() over (
            partition by judged.param_set_id, judged.centre_id, judged.patient_key, judged.reader
            order by assessments.response = judged.bor desc, assessments.response_date
        ) as source_number
    from judged
    left join assessments
        on
            {{ same('judged', 'assessments', keys) }}
),

best as (select * from sourced where source_number = 1)

select * from best
