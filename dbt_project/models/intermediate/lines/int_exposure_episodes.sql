-- One row per R2 parameter set, patient, drug and span of exposure.
-- R2.2, R0.4: spans of infusions and intake with what their rows say; what crosses the cutoff is cut and ongoing.
{%- set keys = 'param_set_id, centre_id, patient_key, drug_key, local_route, is_oral' %}
{%- set given = 'param_set_id, centre_id, patient_key, drug_key, local_route' %}
{%- set told = 'spans.start_date, spans.last_start_date, spans.last_dose_date, spans.covered_through_date, '
    ~ 'spans.cycle_days, spans.on_days, spans.total_mg, spans.n_delays, spans.delay_days' %}
{%- set listed = 'base_ingredient, sub_group, class, counts_in_lot, is_ici, is_pd1_mab, is_targeted, is_vegfr_tki' %}
with cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }}),

drug_rows as (
    select *, start_date || row_key || part_no as row_order
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and source_kind <> 'RETURN'
),

spans as (
    select
        {{ given }}, 'N' as is_oral, start_date, last_start_date, last_dose_date, covered_through_date, cycle_days,
        on_days, total_mg, cast(null as integer) as n_delays, cast(null as integer) as delay_days
    from {{ ref('int_infusion_episodes') }}
    union all
    select
        {{ given }}, 'Y' as is_oral, start_date, last_start_date, last_dose_date, covered_through_date, cycle_days,
        on_days, total_mg, n_delays, delay_days
    from {{ ref('int_oral_courses') }}
),

described as (
    select
        {{ keys }},
        {{ told }},
        {{ listed }},
        count(*) as n_rows,
        max(case when drug_rows.start_date = spans.start_date then drug_rows.start_flag end) as start_flag,
        {{ value_of_first('drug_rows.intent', 'drug_rows.row_order') }} as intent,
        {{ value_of_last('drug_rows.reason_stop', 'drug_rows.row_order') }} as reason_stop,
        coalesce(max(drug_rows.planned_maintenance), 'N') as planned_maintenance,
        {{ value_of_first('drug_rows.row_key', 'drug_rows.row_order') }} as first_row_key,
        {{ value_of_first('drug_rows.source_file', 'drug_rows.row_order') }} as first_source_file,
        {{ value_of_first('drug_rows.source_row', 'drug_rows.row_order') }} as first_source_row
    from spans
    inner join drug_rows using ({{ keys }})
    where drug_rows.start_date between spans.start_date and spans.last_start_date
    group by {{ keys }}, {{ told }}, {{ listed }}
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
        described.first_row_key,
        described.first_source_file,
        described.first_source_row
    from described
    inner join cutoffs
        on described.param_set_id = cutoffs.param_set_id and described.centre_id = cutoffs.centre_id
)

select * from episodes
