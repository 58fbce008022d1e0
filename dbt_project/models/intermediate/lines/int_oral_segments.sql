-- One row per R2 parameter set, patient, oral drug and fill, with its segment and span of intake.
-- R2.2: a fill while covered adds to the stock, one soon after opens a delayed segment, a later one a new span.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'drug_key', 'local_route'] %}
{%- set covered_days = calendar_days('so_far.segment_on_days', 'item.on_days_per_cycle', 'item.cycle_days') %}
with recursive parameters as (select param_set_id, oral_grace_days from {{ ref('int_parameters_r2') }}),

fills as (
    select
        fills.*,
        parameters.oral_grace_days
    from {{ ref('int_oral_fills') }} as fills
    inner join parameters on fills.param_set_id = parameters.param_set_id
),

segments as (
    {{ fold_in_order(
        name='segments',
        rows='fills',
        keys=keys,
        position='fill_no',
        facts={
            'gap_days': days_between('so_far.segment_start_date', 'item.fill_date') ~ ' - ' ~ covered_days,
            'kind': "case when item.on_days < 0 then 'RETURN' when gap_days <= 0 then 'STOCK' "
                ~ "when gap_days <= item.oral_grace_days then 'DELAY' else 'SPAN' end",
        },
        states={
            'fill_date': ['item.fill_date', 'item.fill_date'],
            'total_mg': ['item.total_mg', 'item.total_mg'],
            'on_days_per_cycle': ['item.on_days_per_cycle', 'item.on_days_per_cycle'],
            'cycle_days': ['item.cycle_days', 'item.cycle_days'],
            'segment_start_date': [
                'item.fill_date',
                "case when kind in ('DELAY', 'SPAN') then item.fill_date else so_far.segment_start_date end",
            ],
            'segment_on_days': [
                'item.on_days',
                "case when kind in ('DELAY', 'SPAN') then item.on_days else so_far.segment_on_days + item.on_days end",
            ],
            'segment_no': [
                '1', "case when kind in ('DELAY', 'SPAN') then so_far.segment_no + 1 else so_far.segment_no end",
            ],
            'span_no': ['1', "case when kind = 'SPAN' then so_far.span_no + 1 else so_far.span_no end"],
            'delay_days': [
                'cast(0 as bigint)',
                "case kind when 'DELAY' then gap_days when 'SPAN' then 0 else so_far.delay_days end",
            ],
        },
    ) }}
)

select * from segments
