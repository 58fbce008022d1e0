-- One row per check and dose of a checkpoint inhibitor that the check looked at.
-- R10: a second agent within days, unless the two are a registered combination (DQ064); the same agent again too soon
-- (DQ065). Rows of one day are one dose.
{{ config(materialized='view') }}

with doses as (
    select
        centre_id,
        patient_key,
        drug_key,
        start_lo as dose_date,
        {{ value_of_first('row_key', 'row_key') }} as row_key,
        {{ value_of_first('source_file', 'row_key') }} as source_file,
        {{ value_of_first('source_row', 'row_key') }} as source_row
    from {{ ref('int_drug_exposures') }}
    where
        is_ici = 'Y'
        and start_precision = 'D'
        and source_kind in ('ADMIN', 'MAR')
        and coalesce(status, 'DONE') not in ('CANCELLED', 'PLANNED')
    group by centre_id, patient_key, drug_key, start_lo
),

with_previous as (
    select
        *,
        lag(dose_date) over (partition by centre_id, patient_key, drug_key order by dose_date) as previous_date
    from doses
),

registered as (select drug_key, other_drug_key from {{ ref('ici_combinations') }}),

beside_other_agents as (
    select distinct
        later.centre_id,
        later.patient_key,
        later.drug_key,
        later.dose_date
    from doses as later
    inner join doses as earlier
        on
            later.centre_id = earlier.centre_id
            and later.patient_key = earlier.patient_key
            and later.drug_key <> earlier.drug_key
            and later.dose_date >= earlier.dose_date
            and {{ days_between('earlier.dose_date', 'later.dose_date') }}
            <= {{ dq_limit('DQ064', 'two_agents', 'max') }}
    left join registered
        on
            least(later.drug_key, earlier.drug_key) = registered.drug_key
            and greatest(later.drug_key, earlier.drug_key) = registered.other_drug_key
    where registered.drug_key is null
),

flags as (
    select
        'drug_row' as table_name,
        with_previous.centre_id,
        with_previous.patient_key,
        with_previous.row_key,
        with_previous.source_file,
        with_previous.source_row,
        cast(null as varchar) as param_set_id,
        beside_other_agents.dose_date is not null as dq064,
        {{ days_between('with_previous.previous_date', 'with_previous.dose_date') }}
        < {{ dq_limit('DQ065', 'same_agent', 'min') }} as dq065
    from with_previous
    left join beside_other_agents
        on
            with_previous.centre_id = beside_other_agents.centre_id
            and with_previous.patient_key = beside_other_agents.patient_key
            and with_previous.drug_key = beside_other_agents.drug_key
            and with_previous.dose_date = beside_other_agents.dose_date
),

looked_at as ({{ by_check('flags', ['DQ064', 'DQ065']) }})

select * from looked_at where is_failed is not null
