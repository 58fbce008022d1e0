-- One row per R7 parameter set, patient, index component, oral drug and fill of which something was taken.
-- R2.2, R7.2: fills of a segment are taken in their order; capsules brought back are those of the same strength handed
-- out last, and what finds none is taken off the segment's end.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route' %}
{%- set segment = 'dosing_param_set_id, component, ' ~ keys ~ ', segment_no' %}
with drugs as (select * from {{ ref('int_dosing_drugs') }}),

drug_rows as (
    select
        {{ keys }},
        start_date as fill_date,
        case when source_kind = 'RETURN' or qty < 0 then -1 else 1 end as direction,
        {{ value_of_last('reason_stop', 'row_key || part_no') }} as reason_stop,
        {{ value_of_first('source_file', 'row_key || part_no') }} as source_file,
        {{ value_of_first('source_row', 'row_key || part_no') }} as source_row
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and is_oral = 'Y' and local_route = 'N' and source_kind <> 'HISTORY'
    group by {{ keys }}, fill_date, direction
),

fills as (
    select
        fills.*,
        drug_rows.reason_stop,
        drug_rows.source_file,
        drug_rows.source_row,
        {{ rounded_ratio('fills.total_mg', 'fills.on_days') }} as mg_per_on_day
    from {{ ref('int_oral_fills') }} as fills
    inner join drug_rows
        on
            fills.param_set_id = drug_rows.param_set_id
            and fills.centre_id = drug_rows.centre_id
            and fills.patient_key = drug_rows.patient_key
            and fills.drug_key = drug_rows.drug_key
            and fills.local_route = drug_rows.local_route
            and fills.fill_date = drug_rows.fill_date
            and fills.direction = drug_rows.direction
),

told as (
    select
        drugs.param_set_id as dosing_param_set_id,
        drugs.component,
        drugs.first_date,
        drugs.last_date,
        fills.*,
        segments.segment_no,
        segments.segment_start_date,
        segments.delay_days
    from drugs
    inner join fills
        on
            drugs.lines_param_set_id = fills.param_set_id
            and drugs.centre_id = fills.centre_id
            and drugs.patient_key = fills.patient_key
            and drugs.drug_key = fills.drug_key
    inner join {{ ref('int_oral_segments') }} as segments
        on
            fills.param_set_id = segments.param_set_id
            and fills.centre_id = segments.centre_id
            and fills.patient_key = segments.patient_key
            and fills.drug_key = segments.drug_key
            and fills.local_route = segments.local_route
            and fills.fill_no = segments.fill_no
),

stocked as (
    select
        *,
        sum(on_days) over (partition by {{ segment }}) as segment_days,
        sum(on_days) over (partition by {{ segment }}, mg_per_on_day order by fill_no) as stock_days
    from told
),

kept as (
    select
        *,
        greatest(
            least(
                min(stock_days) over (
                    partition by {{ segment }}, mg_per_on_day
                    order by fill_no rows between current row and unbounded following
                ) - stock_days + on_days,
                on_days
            ), 0
        ) as kept_days
    from stocked
),

taken as (
    select
        *,
        least(sum(kept_days) over (partition by {{ segment }} order by fill_no), segment_days) as last_on_day,
        sum(kept_days) over (partition by {{ segment }} order by fill_no) - kept_days + 1 as first_on_day
    from kept
),

supplies as (
    select
        dosing_param_set_id as param_set_id, centre_id, patient_key, component, drug_key, first_date, last_date,
        segment_no, segment_start_date, delay_days, on_days_per_cycle, cycle_days, fill_no, fill_date,
        cast(first_on_day as bigint) as first_on_day,
        cast(last_on_day as bigint) as last_on_day,
        mg_per_on_day, reason_stop, source_file, source_row
    from taken
    where first_on_day <= last_on_day
)

select * from supplies
