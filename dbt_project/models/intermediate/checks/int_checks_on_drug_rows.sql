-- One row per check and drug of a drug row that the check looked at.
-- R10: names (DQ007, DQ008), routes (DQ010), amounts (DQ033, DQ043-DQ045), activity after death (DQ060), dates (DQ062),
-- two strengths on one day (DQ063).
{{ config(materialized='view') }}

with exposures as (
    select
        *,
        source_kind in ('ADMIN', 'MAR') and coalesce(status, 'DONE') not in ('CANCELLED', 'PLANNED') as is_given,
        source_kind = 'DISPENSE' and coalesce(status, 'DONE') not in ('CANCELLED', 'STOPPED') as is_handed_out,
        coalesce(dose_mg, strength_mg * units_per_day, strength_mg) as day_mg
    from {{ ref('int_drug_exposures') }}
),

drugs as (
    select
        drug_key,
        route_default,
        case when dose_basis like 'mg flat%' then {{ dbt.safe_cast('std_dose', 'decimal(18, 4)') }} end as flat_dose_mg
    from {{ ref('drugs') }}
),

permitted as (select item as drug_key, value as dose_mg from {{ ref('dq_limits') }} where check_id = 'DQ043'),

fixed_dose_drugs as (select distinct drug_key from permitted),

deaths as (select centre_id, patient_key, date_hi from {{ ref('int_recorded_deaths') }}),

strengths as (
    select
        centre_id,
        patient_key,
        drug_key,
        start_lo,
        min(strength_mg) <> max(strength_mg) as is_mixed
    from exposures
    where is_handed_out and start_precision = 'D'
    group by centre_id, patient_key, drug_key, start_lo
),

joined as (
    select
        exposures.*,
        drugs.route_default,
        drugs.flat_dose_mg,
        fixed_dose_drugs.drug_key is not null as is_fixed_dose,
        permitted.drug_key is not null as is_permitted_dose,
        deaths.date_hi as death_hi,
        strengths.is_mixed
    from exposures
    left join drugs on exposures.drug_key = drugs.drug_key
    left join fixed_dose_drugs on exposures.drug_key = fixed_dose_drugs.drug_key
    left join permitted on exposures.drug_key = permitted.drug_key and exposures.day_mg = permitted.dose_mg
    left join deaths on exposures.centre_id = deaths.centre_id and exposures.patient_key = deaths.patient_key
    left join strengths
        on
            exposures.centre_id = strengths.centre_id
            and exposures.patient_key = strengths.patient_key
            and exposures.drug_key = strengths.drug_key
            and exposures.start_lo = strengths.start_lo
),

flags as (
    select
        'drug_row' as table_name,
        centre_id,
        patient_key,
        row_key,
        source_file,
        source_row,
        cast(null as varchar) as param_set_id,
        drug_key = 'UNRESOLVED' as dq007,
        match_method = 'FUZZY' as dq008,
        case
            when counts_in_lot = 'Y' and route in ('IV', 'PO', 'SC', 'IM') and route_default in ('IV', 'PO', 'SC', 'IM')
                then route <> route_default
        end as dq010,
        case
            when is_fixed_dose and source_kind in ('DISPENSE', 'RETURN')
                then qty is null or coalesce(strength_mg, dose_mg) is null
            when is_fixed_dose and source_kind <> 'HISTORY'
                then dose_mg is null and (strength_mg is null or coalesce(qty, units_per_day, dose) is null)
        end as dq033,
        case when is_fixed_dose and day_mg is not null then not is_permitted_dose end as dq043,
        case
            when is_pd1_mab = 'Y' and source_kind in ('ADMIN', 'MAR', 'ORDER') and flat_dose_mg is not null
                then
                    dose_mg < flat_dose_mg * {{ dq_limit('DQ044', 'flat_dose', 'min') }}
                    or dose_mg > flat_dose_mg * {{ dq_limit('DQ044', 'flat_dose', 'max') }}
        end as dq044,
        qty <= 0 as dq045,
        case
            when is_given
                then {{ days_after('death_hi', dq_limit('DQ060', 'activity_after_death', 'max')) }} < start_lo
        end as dq060,
        case when end_lo is not null and start_lo is not null then false end as dq062,
        case when is_fixed_dose and is_handed_out then is_mixed end as dq063
    from joined
),

looked_at as (
    {{ by_check('flags', ['DQ007', 'DQ008', 'DQ010', 'DQ033', 'DQ043', 'DQ044', 'DQ045', 'DQ060', 'DQ062', 'DQ063']) }}
)

select * from looked_at where is_failed is not null
