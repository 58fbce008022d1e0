-- One row per R2 parameter set, patient, line of therapy, infused drug and cycle of it.
-- R2.5, R2.7: a cycle takes in the infusions less than half a cycle apart (days 1 to 5, days 1 and 8); its dose is
-- their sum, empty when one is not told. Capsules taken at home and histories make no cycles here.
{%- set keys = 'param_set_id, centre_id, patient_key, line_seq, drug_key' %}
with infusions as (
    select
        {{ keys }},
        start_date,
        max(last_date) as last_date,
        greatest(max(cycle_days), 1) as cycle_days,
        {{ complete_sum(given_mg()) }} as given_mg,
        {{ complete_sum("case when dose_unit = 'mg/m2' then dose end") }} as given_mg_per_m2,
        {{ complete_sum("case when dose_unit = 'AUC' then dose end") }} as given_auc
    from {{ ref('int_drug_row_lines') }}
    where line_seq is not null and is_oral = 'N' and source_kind <> 'HISTORY'
    group by {{ keys }}, start_date
),

followed as (
    select
        *,
        lag(last_date) over (partition by {{ keys }} order by start_date) as previous_last_date,
        lag(cycle_days) over (partition by {{ keys }} order by start_date) as previous_cycle_days
    from infusions
),

numbered as (
    select
        *,
        sum(
            case
                when
                    {{ days_between('previous_last_date', 'start_date') }}
                    + {{ days_between('previous_last_date', 'start_date') }} < previous_cycle_days
                    then 0
                else 1
            end
        ) over (partition by {{ keys }} order by start_date rows between unbounded preceding and current row)
            as cycle_no
    from followed
),

cycles as (
    select
        {{ keys }},
        cast(cycle_no as integer) as cycle_no,
        min(start_date) as start_date,
        max(last_date) as last_date,
        max(cycle_days) as cycle_days,
        cast(count(*) as integer) as n_infusions,
        {{ complete_sum('given_mg') }} as given_mg,
        {{ complete_sum('given_mg_per_m2') }} as given_mg_per_m2,
        {{ complete_sum('given_auc') }} as given_auc
    from numbered
    group by {{ keys }}, cycle_no
)

select * from cycles
