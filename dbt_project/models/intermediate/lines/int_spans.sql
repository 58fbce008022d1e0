-- One row per R2 parameter set, patient, drug and span of infusions or of intake.
-- R2.2: spans of infusions and oral courses, one below the other.
{{ config(materialized='view') }}
{%- set given = 'param_set_id, centre_id, patient_key, drug_key, local_route' %}
select
    {{ given }}, 'N' as is_oral, start_date, last_start_date, last_dose_date, covered_through_date, cycle_days,
    on_days, total_mg, cast(null as integer) as n_delays, cast(null as integer) as delay_days
from {{ ref('int_infusion_episodes') }}
union all
select
    {{ given }}, 'Y' as is_oral, start_date, last_start_date, last_dose_date, covered_through_date, cycle_days,
    on_days, total_mg, n_delays, delay_days
from {{ ref('int_oral_courses') }}
