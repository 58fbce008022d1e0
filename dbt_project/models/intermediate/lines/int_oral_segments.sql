-- One row per R2 parameter set, patient, oral drug and fill, with its segment and span of intake.
-- R2.2: a fill while covered adds to the stock, one soon after opens a delayed segment, a later one a new span; a
-- segment brought back whole is dropped by the next fill, which is compared with the segment before it.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'drug_key', 'local_route'] %}
{%- set covered_days = calendar_days('segment.on_days', 'item.on_days_per_cycle', 'item.cycle_days') %}
{%- set first_segment %}
    {
        'segment_no': item.fill_no,
        'span_no': item.fill_no,
        'start_date': item.fill_date,
        'on_days': item.on_days,
        'delay_days': cast(0 as bigint)
    }
{%- endset %}
{%- set opened_segment %}
    {
        'segment_no': item.fill_no,
        'span_no': case kind when 'DELAY' then segment.span_no else item.fill_no end,
        'start_date': item.fill_date,
        'on_days': item.on_days,
        'delay_days': case kind when 'DELAY' then gap_days else 0 end
    }
{%- endset %}
{%- set supplied_segment %}
    {
        'segment_no': segment.segment_no,
        'span_no': segment.span_no,
        'start_date': segment.start_date,
        'on_days': segment.on_days + item.on_days,
        'delay_days': segment.delay_days
    }
{%- endset %}
with recursive parameters as (select param_set_id, oral_grace_days from {{ ref('int_parameters_r2') }}),

fills as (
    select
        fills.*,
        parameters.oral_grace_days
    from {{ ref('int_oral_fills') }} as fills
    inner join parameters on fills.param_set_id = parameters.param_set_id
),

folded as (
    {{ fold_in_order(
        name='folded',
        rows='fills',
        keys=keys,
        position='fill_no',
        facts={
            'kept': 'case when item.on_days < 0 or ' ~ last_of('so_far.segments') ~ '.on_days > 0 '
                ~ 'then so_far.segments else ' ~ without_last('so_far.segments') ~ ' end',
            'segment': last_of('kept'),
            'gap_days': days_between('segment.start_date', 'item.fill_date') ~ ' - ' ~ covered_days,
            'kind': "case when item.on_days < 0 then 'RETURN' when gap_days <= 0 then 'STOCK' "
                ~ "when gap_days <= item.oral_grace_days then 'DELAY' else 'SPAN' end",
        },
        states={
            'fill_date': ['item.fill_date', 'item.fill_date'],
            'total_mg': ['item.total_mg', 'item.total_mg'],
            'on_days_per_cycle': ['item.on_days_per_cycle', 'item.on_days_per_cycle'],
            'cycle_days': ['item.cycle_days', 'item.cycle_days'],
            'segments': [
                with_last('[]', first_segment),
                "case when kind in ('DELAY', 'SPAN') then " ~ with_last('kept', opened_segment)
                    ~ ' else ' ~ with_last(without_last('kept'), supplied_segment) ~ ' end',
            ],
        },
    ) }}
),

segments as (
    select
        {{ keys | join(', ') }},
        fill_no,
        fill_date,
        total_mg,
        on_days_per_cycle,
        cycle_days,
        {{ last_of('segments') }}.start_date as segment_start_date,
        {{ last_of('segments') }}.on_days as segment_on_days,
        {{ last_of('segments') }}.segment_no as segment_no,
        {{ last_of('segments') }}.span_no as span_no,
        {{ last_of('segments') }}.delay_days as delay_days
    from folded
)

select * from segments
