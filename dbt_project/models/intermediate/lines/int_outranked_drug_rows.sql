-- One row per R2 parameter set and drug exposure that says what a better document says already.
-- R2.1: what was given outranks what was supplied or ordered for the same days. Only the columns that decide are read:
-- the rows of a large hospital, with all of theirs, would not fit into memory beside each other.
{%- set keys = 'param_set_id, centre_id, patient_key, base_ingredient' %}
with parameters as (select param_set_id, order_match_days from {{ ref('int_parameters_r2') }}),

superior as (
    select distinct {{ keys }}, source_kind, start_date
    from {{ ref('int_drug_rows_judged') }}
    where unusable_reason is null and source_kind in ('ADMIN', 'MAR', 'DISPENSE')
),

doubtful as (
    select {{ keys }}, row_key, part_no, source_kind, start_date, end_date
    from {{ ref('int_drug_rows_judged') }}
    where
        unusable_reason is null
        and (source_kind in ('ORDER', 'MAR') or (source_kind = 'DISPENSE' and dispense_setting = 'WARD'))
),

outranked as (
    select
        doubtful.param_set_id,
        doubtful.row_key,
        doubtful.part_no,
        min(
            case
                when doubtful.source_kind = 'MAR' then 'ALSO_ADMINISTERED'
                when doubtful.source_kind = 'DISPENSE' then 'WARD_SUPPLY'
                else 'ORDER_OF_GIVEN'
            end
        ) as outranked_reason
    from doubtful
    inner join parameters on doubtful.param_set_id = parameters.param_set_id
    inner join superior
        on
            doubtful.param_set_id = superior.param_set_id
            and doubtful.centre_id = superior.centre_id
            and doubtful.patient_key = superior.patient_key
            and doubtful.base_ingredient = superior.base_ingredient
    where
        (
            doubtful.source_kind = 'ORDER'
            and {{ days_after('doubtful.start_date', '-parameters.order_match_days') }} <= superior.start_date
            and {{ days_after('coalesce(doubtful.end_date, doubtful.start_date)', 'parameters.order_match_days') }}
            >= superior.start_date
        )
        or (
            doubtful.source_kind = 'DISPENSE'
            and superior.source_kind in ('ADMIN', 'MAR')
            and abs({{ days_between('doubtful.start_date', 'superior.start_date') }}) <= parameters.order_match_days
        )
        or (
            doubtful.source_kind = 'MAR'
            and superior.source_kind = 'ADMIN'
            and doubtful.start_date = superior.start_date
        )
    group by doubtful.param_set_id, doubtful.row_key, doubtful.part_no
)

select * from outranked
