-- One row per R5 parameter set, patient, source and pair of assessments that confirm a CR or PR.
-- R5.4: the second at least confirm_days after the first, between them only equal or better responses and few NE; a PR
-- pair holds no PR after a CR.
with parameters as (
    select param_set_id, confirm_days, confirm_max_ne, case when confirm_accept_sd = 'Y' then 1 else 0 end as max_sd
    from {{ ref('int_parameters_r5') }}
),

assessments as (select * from {{ ref('int_assessments_in_window') }}),

pairs as (
    select
        opening.param_set_id,
        opening.centre_id,
        opening.patient_key,
        opening.reader,
        opening.response as confirmed_response,
        opening.response_date as first_date,
        opening.assessment_number as opening_number,
        closing.assessment_number as closing_number,
        closing.response as closing_response
    from assessments as opening
    inner join parameters on opening.param_set_id = parameters.param_set_id
    inner join assessments as closing
        on
            opening.param_set_id = closing.param_set_id
            and opening.centre_id = closing.centre_id
            and opening.patient_key = closing.patient_key
            and opening.reader = closing.reader
            and closing.response_day >= opening.response_day + parameters.confirm_days
    where
        (opening.response = 'CR' and closing.response = 'CR')
        or (opening.response = 'PR' and closing.response in ('CR', 'PR'))
),

between_counts as (
    select
        pairs.param_set_id,
        pairs.centre_id,
        pairs.patient_key,
        pairs.reader,
        pairs.confirmed_response,
        pairs.first_date,
        pairs.opening_number,
        pairs.closing_number,
        sum(case when between_rows.response = 'NE' then 1 else 0 end) as n_ne,
        sum(case when between_rows.response = 'SD' then 1 else 0 end) as n_sd,
        sum(case
            when between_rows.response in ('NE', 'SD', pairs.confirmed_response, 'CR') then 0
            when between_rows.response is null then 0
            else 1
        end) as n_other,
        min(case when between_rows.response = 'CR' then between_rows.assessment_number end) as first_cr_number,
        max(case
            when between_rows.response = 'PR' then between_rows.assessment_number
            when between_rows.response is not null and pairs.closing_response = 'PR' then pairs.closing_number
        end) as last_pr_number
    from pairs
    left join assessments as between_rows
        on
            pairs.param_set_id = between_rows.param_set_id
            and pairs.centre_id = between_rows.centre_id
            and pairs.patient_key = between_rows.patient_key
            and pairs.reader = between_rows.reader
            and pairs.opening_number < between_rows.assessment_number
            and pairs.closing_number > between_rows.assessment_number
    group by
        pairs.param_set_id, pairs.centre_id, pairs.patient_key, pairs.reader, pairs.confirmed_response,
        pairs.first_date, pairs.opening_number, pairs.closing_number
),

confirmed as (
    select
        between_counts.param_set_id,
        between_counts.centre_id,
        between_counts.patient_key,
        between_counts.reader,
        between_counts.confirmed_response,
        between_counts.first_date,
        between_counts.closing_number
    from between_counts
    inner join parameters on between_counts.param_set_id = parameters.param_set_id
    where
        between_counts.n_ne <= parameters.confirm_max_ne
        and between_counts.n_other = 0
        and case
            when between_counts.confirmed_response = 'CR' then between_counts.n_sd = 0
            else
                between_counts.n_sd <= parameters.max_sd
                and coalesce(between_counts.last_pr_number < between_counts.first_cr_number, true)
        end
)

select * from confirmed
