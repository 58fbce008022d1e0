-- One row per R5 parameter set, patient with an index date and source of responses.
-- R5.4: best overall response without and with confirmation, the first of CR, PR, SD late enough, NON-CR/NON-PD late
-- enough, PD, NE and MISSING that exists, dated to the first assessment that shows it; its reason is ADJUDICATED where
-- a decision entered.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
with windows as (select * from {{ ref('int_response_windows') }}),

parameters as (
    select param_set_id, sd_min_days, cb_weeks * 7 - cb_window_days as benefit_min_days
    from {{ ref('int_parameters_r5') }}
),

assessments as (select * from {{ ref('int_assessments_in_window') }}),

confirmed as (
    select
        {{ keys | join(', ') }},
        min(first_date) as first_confirmed_response_date,
        min(first_date) filter (where confirmed_response = 'CR') as confirmed_cr_date,
        min(first_date) filter (where confirmed_response = 'PR') as confirmed_pr_date
    from {{ ref('int_confirmed_responses') }}
    group by {{ keys | join(', ') }}
),

considered as (
    select
        assessments.*,
        assessments.response_day >= parameters.sd_min_days as is_late,
        assessments.response_day >= parameters.benefit_min_days as is_late_for_benefit
    from assessments
    inner join parameters on assessments.param_set_id = parameters.param_set_id
),

summed as (
    select
        {{ keys | join(', ') }},
        count(*) as n_assessments,
        min(reader_used) as response_source,
        bool_or(is_adjudicated) as is_adjudicated,
        bool_or(response in ('SD', 'NON-CR/NON-PD')) as has_stable,
        max(response_date) filter (where response in ('PR', 'SD')) as last_lesser_date,
        min(response_date) as first_date,
        min(response_date) filter (where is_response) as first_response_date,
        min(response_date) filter (where response = 'CR') as cr_date,
        min(response_date) filter (where response = 'PR') as pr_date,
        min(response_date) filter (where response = 'SD' and is_late) as sd_date,
        min(response_date) filter (where response in ('CR', 'PR', 'SD') and is_late) as control_date,
        min(response_date) filter (where response = 'NON-CR/NON-PD' and is_late) as non_cr_non_pd_date,
        min(response_date) filter (where response = 'PD') as first_pd_date,
        min(response_date) filter (where response not in ('PD', 'NE') and is_late_for_benefit) as benefit_shown_date
    from considered
    group by {{ keys | join(', ') }}
),

judged as (
    select
        windows.*,
        summed.response_source,
        coalesce(summed.n_assessments, 0) as n_assessments,
        summed.first_response_date,
        summed.benefit_shown_date,
        confirmed.first_confirmed_response_date,
        coalesce(summed.last_lesser_date > summed.cr_date, false) as is_cr_then_non_cr,
        summed.has_stable,
        summed.is_adjudicated,
        case
            when summed.n_assessments is null then 'MISSING'
            when summed.cr_date is not null then 'CR'
            when summed.pr_date is not null then 'PR'
            when summed.sd_date is not null then 'SD'
            when summed.non_cr_non_pd_date is not null then 'NON-CR/NON-PD'
            when summed.first_pd_date is not null then 'PD'
            else 'NE'
        end as bor,
        coalesce(
            summed.cr_date, summed.pr_date, summed.sd_date, summed.non_cr_non_pd_date, summed.first_pd_date,
            summed.first_date
        ) as bor_date,
        case
            when summed.n_assessments is null then 'MISSING'
            when confirmed.confirmed_cr_date is not null then 'CR'
            when confirmed.confirmed_pr_date is not null then 'PR'
            when summed.control_date is not null then 'SD'
            when summed.non_cr_non_pd_date is not null then 'NON-CR/NON-PD'
            when summed.first_pd_date is not null then 'PD'
            else 'NE'
        end as confirmed_bor,
        coalesce(
            confirmed.confirmed_cr_date, confirmed.confirmed_pr_date, summed.control_date, summed.non_cr_non_pd_date,
            summed.first_pd_date, summed.first_date
        ) as confirmed_bor_date
    from windows
    left join summed on {{ same('windows', 'summed', keys) }}
    left join confirmed on {{ same('windows', 'confirmed', keys) }}
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
        {{ columns_of('assessments', ['source_table', 'row_key', 'source_file', 'source_row']) }}
    from judged
    left join assessments on {{ same('judged', 'assessments', keys) }} and judged.bor_date = assessments.response_date
)

select * from sourced
