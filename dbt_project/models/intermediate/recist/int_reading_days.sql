-- One row per RS parameter set, patient, reader, day and recorded time point of lesion readings.
-- R5.1: a recorded time point is one (a label used again later is another one); days without a label form one until
-- tp_window_days after its first day.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
{%- set reader = keys | join(', ') %}
with recursive parameters as (select param_set_id, tp_window_days from {{ ref('int_parameters_rs') }}),

days as (
    select distinct
        {{ columns_of('readings', keys) }},
        readings.scan_date,
        readings.tp_label,
        parameters.tp_window_days
    from {{ ref('int_lesion_readings') }} as readings
    inner join parameters on readings.param_set_id = parameters.param_set_id
),

labelled as (
    select
        *,
        lag(scan_date) over (partition by {{ reader }}, tp_label order by scan_date) as label_seen_date,
        lag(tp_label) over (partition by {{ reader }} order by scan_date, tp_label) as label_before
    from days
    where tp_label is not null
),

label_uses as (
    select
        *,
        sum(case
            when label_before = tp_label then 0
            when scan_date <= {{ days_after('label_seen_date', 'tp_window_days') }} then 0
            else 1
        end) over (partition by {{ reader }}, tp_label order by scan_date) as label_use
    from labelled
),

labels_of_days as (
    select {{ reader }}, scan_date, min(tp_label) as tp_label from labelled group by {{ reader }}, scan_date
),

unlabelled as (
    select
        days.*,
        labels_of_days.tp_label as label_of_day,
        lag(days.scan_date) over (
            partition by
                days.param_set_id, days.centre_id, days.patient_key, days.reader, labels_of_days.tp_label is null
            order by days.scan_date
        ) as scan_before_date
    from days
    left join labels_of_days
        on
            {{ same('days', 'labels_of_days', keys) }}
            and days.scan_date = labels_of_days.scan_date
    where days.tp_label is null
),

clusters as (
    select
        *,
        sum(case when scan_date <= {{ days_after('scan_before_date', 'tp_window_days') }} then 0 else 1 end)
            over (partition by {{ reader }} order by scan_date) as cluster_no
    from unlabelled
    where label_of_day is null
),

positions as (
    select
        *,
        row_number() over (partition by {{ reader }}, cluster_no order by scan_date) as scan_no
    from clusters
),

grouped as (
    {{ fold_in_order(
        name='grouped',
        rows='positions',
        keys=keys + ['cluster_no'],
        position='scan_no',
        facts={},
        states={
            'scan_date': ['item.scan_date', 'item.scan_date'],
            'group_date': [
                'item.scan_date',
                'case when item.scan_date > ' ~ days_after('so_far.group_date', 'item.tp_window_days')
                    ~ ' then item.scan_date else so_far.group_date end',
            ],
        },
    ) }}
),

placed as (
    select {{ reader }}, scan_date, tp_label as row_label, tp_label, tp_label || '#' || label_use as timepoint
    from label_uses
    union all
    select
        {{ columns_of('unlabelled', keys) }},
        unlabelled.scan_date,
        null as row_label,
        label_uses.tp_label,
        label_uses.tp_label || '#' || label_uses.label_use as timepoint
    from unlabelled
    inner join label_uses
        on
            {{ same('unlabelled', 'label_uses', keys) }}
            and unlabelled.scan_date = label_uses.scan_date and unlabelled.label_of_day = label_uses.tp_label
    union all
    select {{ reader }}, scan_date, null as row_label, null as tp_label, cast(group_date as varchar) as timepoint
    from grouped
),

begun as (select *, min(scan_date) over (partition by {{ reader }}, timepoint) as first_date from placed),

numbered as (
    select *, dense_rank() over (partition by {{ reader }} order by first_date, timepoint) as tp_no from begun
)

select * from numbered
