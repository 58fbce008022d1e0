-- One row per drug row and drug that its name holds.
-- R1: what each order, dispensing, administration or history is about: drug, class, flags, route, strength and cycle.
with drug_rows as (select * from {{ ref('stg_drug_row') }}),

parts as (select * from {{ ref('int_drug_parts') }}),

drugs as (select * from {{ ref('drugs') }}),

routes as (select * from {{ ref('routes') }}),

units as (select unit, mg_per_unit from {{ ref('strength_units') }}),

masses as (
    select written.raw_spec, regexp_extract(lower(written.raw_spec), patterns.mass_pattern) as mass
    from (select distinct raw_spec from drug_rows) as written
    cross join {{ ref('int_drug_name_patterns') }} as patterns
),

specs as (
    select masses.raw_spec, {{ mass_number('masses.mass') }} * units.mg_per_unit as strength_mg
    from masses
    inner join units on {{ mass_unit('masses.mass') }} = units.unit
),

resolved as (
    select
        drug_rows.*,
        parts.part_no,
        parts.drug_key,
        parts.listed_drug_key,
        parts.match_method,
        parts.review_flag,
        parts.own_supply,
        parts.strength_mg as name_strength_mg,
        coalesce(drug_rows.route, drugs.route_default) as route_taken,
        coalesce(drugs.base_ingredient, parts.drug_key) as base_ingredient,
        drugs.sub_group,
        drugs.class,
        coalesce(drugs.counts_in_lot, 'N') as counts_in_lot,
        drugs.is_ici,
        drugs.is_pd1_mab,
        drugs.is_targeted,
        drugs.is_vegfr_tki,
        drugs.cycle_days as listed_cycle_days,
        drugs.on_days as listed_on_days,
        drugs.off_days as listed_off_days
    from drug_rows
    inner join parts
        on
            drug_rows.raw_name = parts.raw_name
            and (drug_rows.source_kind = 'HISTORY') = parts.is_history
            and coalesce(drug_rows.trial_id, '') = coalesce(parts.trial_id, '')
    left join drugs on parts.listed_drug_key = drugs.drug_key
),

measured as (
    select
        resolved.*,
        coalesce(resolved.name_strength_mg, specs.strength_mg) as strength_mg,
        resolved.dose * dose_units.mg_per_unit as dose_mg,
        coalesce(routes.is_local, 'N') as local_route,
        coalesce(routes.is_oral, 'N') as is_oral
    from resolved
    left join specs on resolved.raw_spec = specs.raw_spec
    left join units as dose_units on resolved.dose_unit = dose_units.unit
    left join routes on resolved.route_taken = routes.route
),

exposures as (
    select
        measured.centre_id,
        measured.patient_key,
        measured.row_key,
        measured.part_no,
        measured.source_kind,
        measured.dispense_setting,
        measured.raw_name,
        measured.drug_key,
        measured.match_method,
        measured.review_flag,
        measured.own_supply,
        measured.base_ingredient,
        measured.sub_group,
        measured.class,
        measured.counts_in_lot,
        measured.is_ici,
        measured.is_pd1_mab,
        measured.is_targeted,
        measured.is_vegfr_tki,
        measured.route_taken as route,
        measured.local_route,
        measured.is_oral,
        measured.dose,
        measured.dose_unit,
        measured.dose_mg,
        measured.strength_mg,
        measured.qty,
        measured.units_per_day,
        measured.listed_on_days,
        measured.listed_off_days,
        coalesce(measured.cycle_days, dose_cycles.cycle_days, measured.listed_cycle_days) as cycle_days,
        measured.start_lo,
        measured.start_hi,
        measured.start_precision,
        measured.end_lo,
        measured.end_hi,
        measured.end_precision,
        measured.status,
        measured.reason_stop,
        measured.trial_id,
        measured.intent,
        measured.planned_maintenance,
        measured.source_file,
        measured.source_row
    from measured
    left join {{ ref('dose_cycles') }} as dose_cycles
        on measured.listed_drug_key = dose_cycles.drug_key and measured.dose_mg = dose_cycles.dose_mg
)

select * from exposures
