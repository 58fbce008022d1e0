-- One row per R7 parameter set, patient, index component, drug and infusion or injection in the index line.
-- R7.1, R7.3: doses on consecutive days are one infusion; an interval of almost two cycles is an omission, a shorter
-- one that is too long a delay. The interval belongs to the infusion that ends it, the cycle to the one before.
{%- set keys = 'param_set_id, centre_id, patient_key, component, drug_key' %}
with parameters as (
    select param_set_id, delay_iv_days, omission_iv_cycles, omission_iv_tolerance_days
    from {{ ref('int_parameters_r7') }}
),

drugs as (select * from {{ ref('int_dosing_drugs') }}),

drug_rows as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        start_date,
        max(coalesce(end_date, start_date)) as end_date,
        greatest(max(cycle_days), 1) as cycle_days,
        {{ complete_sum(given_mg()) }} as given_mg,
        {{ value_of_last('reason_stop', 'row_key || part_no') }} as reason_stop,
        {{ value_of_first('source_file', 'row_key || part_no') }} as source_file,
        {{ value_of_first('source_row', 'row_key || part_no') }} as source_row
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_oral = 'N' and local_route = 'N' and source_kind <> 'HISTORY'
    group by param_set_id, centre_id, patient_key, drug_key, start_date
),

given as (
    select
        drugs.param_set_id,
        drugs.centre_id,
        drugs.patient_key,
        drugs.component,
        drugs.drug_key,
        drug_rows.start_date,
        least(drug_rows.end_date, drugs.last_date) as end_date,
        drug_rows.cycle_days,
        drug_rows.given_mg,
        drug_rows.reason_stop,
        drug_rows.source_file,
        drug_rows.source_row
    from drugs
    inner join drug_rows
        on
            drugs.lines_param_set_id = drug_rows.param_set_id
            and drugs.centre_id = drug_rows.centre_id
            and drugs.patient_key = drug_rows.patient_key
            and drugs.drug_key = drug_rows.drug_key
            and drugs.first_date <= drug_rows.start_date
    where {{ by_cutoff('drug_rows.start_date', 'drugs.last_date') }}
),

numbered as (
    select
        *,
        sum(starts_infusion) over (
            partition by {{ keys }} order by start_date rows between unbounded preceding and current row
        ) as infusion_no
    from (
        select
            *,
            case
                when {{ days_between(
                    'max(end_date) over (partition by ' ~ keys ~ ' order by start_date '
                    ~ 'rows between unbounded preceding and 1 preceding)', 'start_date'
                ) }} <= 1 then 0
                else 1
            end as starts_infusion
        from given
    ) as marked
),

infusions as (
    select
        {{ keys }},
        infusion_no,
        min(start_date) as start_date,
        max(end_date) as end_date,
        max(cycle_days) as cycle_days,
        cast({{ complete_sum('given_mg') }} as decimal(18, 4)) as dose_mg,
        {{ value_of_last('reason_stop', 'start_date') }} as reason_stop,
        {{ value_of_first('source_file', 'start_date') }} as source_file,
        {{ value_of_first('source_row', 'start_date') }} as source_row
    from numbered
    group by {{ keys }}, infusion_no
),

spaced as (
    select
        *,
        {{ days_between('lag(start_date) over by_day', 'start_date') }} as interval_days,
        lag(cycle_days) over by_day as previous_cycle_days
    from infusions
    window by_day as (partition by {{ keys }} order by start_date)
),

judged as (
    select
        spaced.*,
        coalesce(
            spaced.interval_days >= parameters.omission_iv_cycles * spaced.previous_cycle_days
            - parameters.omission_iv_tolerance_days, false
        ) as is_omission,
        coalesce(spaced.interval_days > spaced.previous_cycle_days + parameters.delay_iv_days, false) as is_late
    from spaced
    inner join parameters on spaced.param_set_id = parameters.param_set_id
)

select * exclude (is_late), is_late and not is_omission as is_delay from judged
