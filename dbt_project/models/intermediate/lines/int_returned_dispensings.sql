-- One row per R2 parameter set and dispensing of a drug for infusion that came back in full.
-- R2.1: a return is netted against the last dispensing before it; oral drugs are netted by the unit in R2.2.
with dated as (
    select *
    from {{ ref('int_drug_rows_dated') }}
    where
        is_oral = 'N'
        and source_kind in ('RETURN', 'DISPENSE')
        and start_date is not null
        and {{ by_cutoff('start_date', 'data_cutoff') }}
),

matched as (
    select
        dispensings.param_set_id,
        dispensings.row_key,
        dispensings.part_no,
        dispensings.qty as dispensed_units,
        abs(brought_back.qty) as returned_units,
        row_number() over (
            partition by brought_back.param_set_id, brought_back.row_key, brought_back.part_no
            order by dispensings.start_date desc, dispensings.row_key asc
        ) as match_no
    from dated as brought_back
    inner join dated as dispensings
        on
            brought_back.param_set_id = dispensings.param_set_id
            and brought_back.centre_id = dispensings.centre_id
            and brought_back.patient_key = dispensings.patient_key
            and brought_back.drug_key = dispensings.drug_key
            and brought_back.start_date >= dispensings.start_date
    where brought_back.source_kind = 'RETURN' and dispensings.source_kind = 'DISPENSE'
),

returned as (
    select param_set_id, row_key, part_no
    from matched
    where match_no = 1
    group by param_set_id, row_key, part_no, dispensed_units
    having sum(returned_units) >= dispensed_units
)

select * from returned
