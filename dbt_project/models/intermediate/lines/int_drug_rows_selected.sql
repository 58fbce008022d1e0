-- One row per R2 parameter set and drug exposure, kept or dropped with the reason.
-- R2.1: what was given outranks what was supplied or ordered for the same days; cancelled and undated rows are out.
with dated as (select * from {{ ref('int_drug_rows_dated') }}),

parameters as (select param_set_id, order_match_days from {{ ref('int_parameters_r2') }}),

returned as (select * from {{ ref('int_returned_dispensings') }}),

judged as (
    select
        dated.*,
        parameters.order_match_days,
        case
            when dated.status = 'CANCELLED' then 'CANCELLED'
            when dated.status = 'PLANNED' then 'PLANNED'
            when dated.drug_key = 'UNRESOLVED' then 'UNRESOLVED_NAME'
            when dated.start_date is null then 'DATE_UNUSABLE'
            when not {{ by_cutoff('dated.start_date', 'dated.data_cutoff') }} then 'AFTER_CUTOFF'
            when returned.row_key is not null then 'RETURNED'
            when dated.source_kind = 'RETURN' and dated.is_oral = 'N' then 'RETURN'
        end as unusable_reason
    from dated
    inner join parameters on dated.param_set_id = parameters.param_set_id
    left join returned
        on
            dated.param_set_id = returned.param_set_id
            and dated.row_key = returned.row_key
            and dated.part_no = returned.part_no
),

usable as (select * from judged where unusable_reason is null),

superior as (
    select distinct param_set_id, centre_id, patient_key, base_ingredient, source_kind, start_date
    from usable
    where source_kind in ('ADMIN', 'MAR', 'DISPENSE')
),

inferior as (
    select
        usable.param_set_id,
        usable.row_key,
        usable.part_no,
        min(
            case
                when usable.source_kind = 'MAR' then 'ALSO_ADMINISTERED'
                when usable.source_kind = 'DISPENSE' then 'WARD_SUPPLY'
                else 'ORDER_OF_GIVEN'
            end
        ) as outranked_reason
    from usable
    inner join superior
        on
            usable.param_set_id = superior.param_set_id
            and usable.centre_id = superior.centre_id
            and usable.patient_key = superior.patient_key
            and usable.base_ingredient = superior.base_ingredient
    where
        (
            usable.source_kind = 'ORDER'
            and {{ days_after('usable.start_date', '-usable.order_match_days') }} <= superior.start_date
            and {{ days_after('coalesce(usable.end_date, usable.start_date)', 'usable.order_match_days') }}
            >= superior.start_date
        )
        or (
            usable.source_kind = 'DISPENSE'
            and usable.dispense_setting = 'WARD'
            and superior.source_kind in ('ADMIN', 'MAR')
            and abs({{ days_between('usable.start_date', 'superior.start_date') }}) <= usable.order_match_days
        )
        or (
            usable.source_kind = 'MAR'
            and superior.source_kind = 'ADMIN'
            and usable.start_date = superior.start_date
        )
    group by usable.param_set_id, usable.row_key, usable.part_no
),

selected as (
    select
        judged.*,
        coalesce(judged.unusable_reason, inferior.outranked_reason) is null as is_kept,
        coalesce(judged.unusable_reason, inferior.outranked_reason) as dropped_reason
    from judged
    left join inferior
        on
            judged.param_set_id = inferior.param_set_id
            and judged.row_key = inferior.row_key
            and judged.part_no = inferior.part_no
)

select * from selected
