-- One row per R2 parameter set and drug exposure.
-- R0.3, R0.4: the days that count; partly known days only of histories, imputed; ends cut at the data cutoff.
{{ config(materialized='view') }}
with exposures as (select * from {{ ref('int_drug_exposures') }}),

cutoffs as (select * from {{ ref('int_cutoffs') }} where rule_family = 'R2'),

known_starts as (
    select distinct centre_id, patient_key, start_lo as known_start
    from exposures
    where start_precision = 'D' and counts_in_lot = 'Y'
),

next_starts as (
    select
        exposures.row_key,
        exposures.part_no,
        min(known_starts.known_start) as next_start
    from exposures
    inner join known_starts
        on
            exposures.centre_id = known_starts.centre_id
            and exposures.patient_key = known_starts.patient_key
            and greatest(exposures.end_lo, exposures.start_lo) < known_starts.known_start
    where exposures.source_kind = 'HISTORY' and exposures.end_precision = 'M'
    group by exposures.row_key, exposures.part_no
),

imputed as (
    select
        exposures.*,
        case
            when exposures.source_kind = 'HISTORY'
                then {{ prior_drug_start('exposures.start_lo', 'exposures.start_precision') }}
            when exposures.start_precision = 'D' then exposures.start_lo
        end as start_date,
        case
            when exposures.source_kind = 'HISTORY'
                then
                    {{ prior_drug_end('exposures.end_hi', 'exposures.end_precision', 'next_starts.next_start') }}
            when exposures.end_precision = 'D' then exposures.end_lo
        end as stated_end_date
    from exposures
    left join next_starts
        on exposures.row_key = next_starts.row_key and exposures.part_no = next_starts.part_no
),

dated as (
    select
        cutoffs.param_set_id,
        cutoffs.data_cutoff,
        imputed.*,
        {{ imputation_flag('imputed.start_precision', 'imputed.start_date') }} as start_flag,
        {{ imputation_flag('imputed.end_precision', 'imputed.stated_end_date') }} as end_flag,
        {{ cut_at('greatest(imputed.stated_end_date, imputed.start_date)', 'cutoffs.data_cutoff') }} as end_date
    from imputed
    inner join cutoffs on imputed.centre_id = cutoffs.centre_id
)

select * from dated
