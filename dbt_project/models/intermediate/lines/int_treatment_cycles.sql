-- One row per R2 parameter set, patient, line of therapy and cycle of treatment.
-- R2.7: the cycles of the infused drug that has most of them; each lasts to the day before the next one.
{%- set keys = 'param_set_id, centre_id, patient_key, line_seq' %}
with cycles as (select * from {{ ref('int_line_cycles') }}),

counted as (
    select {{ keys }}, drug_key, max(cycle_no) as n_cycles
    from cycles
    group by {{ keys }}, drug_key
),

leaders as (
    select
        {{ keys }},
        drug_key,
        row_number() over (partition by {{ keys }} order by n_cycles desc, drug_key asc) as drug_number
    from counted
),

treatment_cycles as (
    select
        {{ keys }},
        cycles.drug_key,
        cycles.cycle_no,
        cycles.start_date,
        cycles.last_date,
        lead(cycles.start_date) over (partition by {{ keys }} order by cycles.cycle_no) as next_cycle_date
    from cycles
    inner join leaders using ({{ keys }}, drug_key)
    where leaders.drug_number = 1
)

select * from treatment_cycles
