-- One row per R7 parameter set, patient, index component, drug and record of a dose: a fill or an infusion.
-- R7.2: FIRST, or by the last known dose before it SAME, REDUCTION or ESCALATION; a checkpoint inhibitor has a FIXED
-- dose; UNKNOWN is one without mg or by body size. The reason is what the record before says about its stop, else a
-- toxicity that the lower record itself names.
{%- set keys = 'param_set_id, centre_id, patient_key, component, drug_key' %}
with stop_reasons as (select reason_stop, reason from {{ ref('stop_reasons') }}),

drugs as (select {{ keys }}, is_ici, dose_basis from {{ ref('int_dosing_drugs') }}),

records as (
    select
        {{ keys }},
        'ORAL' as form,
        min(start_date) as record_date,
        mg_per_on_day as mg,
        reason_stop,
        source_file,
        source_row
    from {{ ref('int_oral_intakes') }}
    group by {{ keys }}, fill_no, mg_per_on_day, reason_stop, source_file, source_row
    union all
    select
        {{ keys }},
        'INFUSION' as form,
        start_date as record_date,
        dose_mg as mg,
        reason_stop,
        source_file,
        source_row
    from {{ ref('int_infusions') }}
),

followed as (
    select
        *,
        row_number() over by_day as record_no,
        lag(mg ignore nulls) over by_day as previous_mg,
        lag(reason_stop) over by_day as previous_reason_stop
    from records
    window by_day as (partition by {{ keys }}, form order by record_date)
),

judged as (
    select
        followed.*,
        case
            when followed.form = 'INFUSION' and drugs.is_ici = 'Y' then 'FIXED'
            when followed.mg is null then 'UNKNOWN'
            when followed.previous_mg is null then 'FIRST'
            when followed.form = 'INFUSION' and coalesce(drugs.dose_basis not like 'mg flat%', true) then 'UNKNOWN'
            when followed.mg < followed.previous_mg then 'REDUCTION'
            when followed.mg > followed.previous_mg then 'ESCALATION'
            else 'SAME'
        end as dose_change
    from followed
    inner join drugs using ({{ keys }})
),

changes as (
    select
        judged.*,
        case
            when judged.dose_change <> 'REDUCTION' then null
            when judged.previous_reason_stop is not null then reasons_before.reason
            when reasons_given.reason = 'AE' then 'AE'
            else 'UNKNOWN'
        end as reduction_reason
    from judged
    left join stop_reasons as reasons_before on judged.previous_reason_stop = reasons_before.reason_stop
    left join stop_reasons as reasons_given on judged.reason_stop = reasons_given.reason_stop
)

select * exclude (previous_reason_stop) from changes
