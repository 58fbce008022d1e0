-- One row per R4 parameter set and patient with an index date.
-- R4.4, R4.7, R4.8: what the index regimen is to earlier immunotherapy, and whether the protocol's rules of
-- rechallenge hold, three-valued.
with measured as (select * from {{ ref('int_ici_intervals') }}),

compared as (
    select
        *,
        case
            when (not has_prior_dose and not has_running_dose) or index_agent is null then null
            when is_last_blinded then 'U'
            when is_last_index_agent then 'Y'
            else 'N'
        end as same_agent,
        case
            when not has_prior_dose or index_agent is null then null
            when has_prior_index_agent then 'Y'
            when has_blinded_dose then 'U'
            else 'N'
        end as same_agent_ever,
        case
            when not has_prior_dose then null
            when is_gap_at_hi <> is_gap_at_lo then 'U'
            when is_gap_at_hi then 'Y'
            else 'N'
        end as gap_gt_3m
    from measured
),

classed as (
    select
        *,
        case
            when not has_prior_dose and has_add_on_dose then 'ADD_ON'
            when not has_prior_dose and (has_running_dose or has_untold_line) then 'UNKNOWN'
            when not has_prior_dose then 'NAIVE'
            when prior_ici = 'U' then 'UNKNOWN'
            when index_agent is null then 'NO_INDEX_ICI'
            when pd_after = 'N' then 'RESUMPTION_NO_PD'
            when pd_after = 'U' or same_agent = 'U' then 'UNKNOWN'
            when same_agent = 'N' then 'RECHALLENGE_SWITCH'
            when tfi_days_hi <= ici_continuation_max_days then 'CONTINUATION_BEYOND_PD'
            when tfi_days_lo <= ici_continuation_max_days then 'UNKNOWN'
            else 'RECHALLENGE_SAME'
        end as ici_class,
        case same_agent when 'N' then 'Y' when 'Y' then gap_gt_3m else same_agent end as agent_ok
    from compared
),

concluded as (
    select
        *,
        case
            when not has_prior_dose or index_agent is null then null
            when pd_after = 'N' or agent_ok = 'N' or irae_ok = 'N' then 'N'
            when pd_after = 'U' or agent_ok = 'U' or irae_ok = 'U' then 'U'
            else 'Y'
        end as conforms_protocol
    from classed
),

intervals as (
    select
        param_set_id,
        centre_id,
        patient_key,
        index_date,
        index_agent,
        prior_ici,
        ici_class,
        same_agent,
        same_agent_ever,
        last_agent as last_prior_agent,
        last_prior_lo as last_prior_ici_lo,
        last_prior_hi as last_prior_ici_hi,
        tfi_days_lo,
        tfi_days_hi,
        case when tfi_days_lo = tfi_days_hi then tfi_days_lo end as tfi_days,
        tfi_days_lo / days_per_month as tfi_months_lo,
        tfi_days_hi / days_per_month as tfi_months_hi,
        case when tfi_days_lo = tfi_days_hi then tfi_days_lo / days_per_month end as tfi_months,
        gap_gt_3m,
        pd_after,
        irae_ok,
        conforms_protocol,
        washout_days,
        case when last_agent is not null then 'drug_row' end as source_table,
        source_file,
        source_row
    from concluded
)

select * from intervals
