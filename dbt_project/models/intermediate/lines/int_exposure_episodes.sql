-- One row per R2 parameter set, patient, drug and span of exposure.
-- R2.2, R0.4: spans of infusions and intake with what their rows say; what crosses the cutoff is cut and ongoing.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route, is_oral' %}
{%- set row_order = day_order('start_date', "row_key || '|' || part_no") %}
{%- set kept = "is_kept and source_kind <> 'RETURN'" %}
with cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

spans as (select * from {{ ref('int_spans') }}),

days as (
    select {{ keys }}, start_date, {{ row_order }} as row_order
    from {{ ref('int_drug_rows_selected') }}
    where {{ kept }}
),

counted as (
    select
        {{ keys }},
        spans.start_date,
        count(*) as n_rows,
        min(days.row_order) as first_order
    from spans
    inner join days using ({{ keys }})
    where days.start_date between spans.start_date and spans.last_start_date
    group by {{ keys }}, spans.start_date
),

remarked as (select * from {{ ref('int_span_remarks') }}),

first_rows as (
    select
        {{ keys }}, base_ingredient, sub_group, class, counts_in_lot, is_ici, is_pd1_mab, is_targeted, is_vegfr_tki,
        row_key, source_file, source_row, {{ row_order }} as first_order
    from {{ ref('int_drug_rows_selected') }}
    where {{ kept }}
),

described as (
    select
        spans.*,
        first_rows.* exclude ({{ keys }}, first_order),
        counted.n_rows,
        remarked.start_flag,
        remarked.intent,
        remarked.reason_stop,
        coalesce(remarked.planned_maintenance, 'N') as planned_maintenance
    from counted
    inner join spans using ({{ keys }}, start_date)
    inner join first_rows using ({{ keys }}, first_order)
    left join remarked using ({{ keys }}, start_date)
),

episodes as (
    select
        described.param_set_id,
        described.centre_id,
        described.patient_key,
        {{ dbt.hash(
            "patient_key || '|' || drug_key || '|' || local_route || '|' || is_oral || '|' || start_date"
        ) }} as episode_id,
        described.drug_key,
        described.base_ingredient,
        described.sub_group,
        described.class,
        described.is_ici,
        described.is_pd1_mab,
        described.is_targeted,
        described.is_vegfr_tki,
        described.is_oral,
        described.start_date,
        described.start_flag,
        described.last_start_date,
        {{ cut_at('described.last_dose_date', 'cutoffs.data_cutoff') }} as last_dose_date,
        {{ cut_at('described.covered_through_date', 'cutoffs.data_cutoff') }} as covered_through_date,
        described.cycle_days,
        described.on_days,
        described.total_mg,
        described.n_delays,
        described.delay_days,
        described.n_rows,
        described.intent,
        described.planned_maintenance,
        described.reason_stop,
        described.counts_in_lot,
        described.local_route,
        coalesce(described.covered_through_date > cutoffs.data_cutoff, false) as is_ongoing_at_cutoff,
        described.row_key as first_row_key,
        described.source_file as first_source_file,
        described.source_row as first_source_row
    from described
    inner join cutoffs
        on described.param_set_id = cutoffs.param_set_id and described.centre_id = cutoffs.centre_id
)

select * from episodes
