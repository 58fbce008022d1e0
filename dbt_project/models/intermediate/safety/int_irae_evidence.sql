-- One row per R8 parameter set and event whose term has an immune-related class or a replacement drug.
-- R8.6: a systemic steroid of enough prednisone equivalent per kilogram that began within days of the onset (U when
-- dose or weight is not known), and hormones replaced from the onset on.
{%- set event = 'param_set_id, centre_id, patient_key, row_key, part_no' %}
with events as (
    select {{ event }}, lines_param_set_id, start_date, replacement_drug, endocrine_on_replacement
    from {{ ref('int_ae_emergence') }}
    where irae_class is not null or replacement_drug is not null
),

parameters as (select param_set_id, irae_steroid_days, irae_steroid_mg_per_kg from {{ ref('int_parameters_r8') }}),

equivalents as (select * from {{ ref('steroid_equivalents') }}),

drug_rows as (
    select *, coalesce(units_per_day * strength_mg, dose_mg, dose * strength_mg) as daily_mg
    from {{ ref('int_drug_rows_selected') }}
    where is_kept and local_route = 'N' and source_kind <> 'RETURN'
),

steroid_days as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        start_date as steroid_date,
        case when count(daily_mg) = count(*) then sum(daily_mg) end as daily_mg
    from drug_rows
    where class = 'STEROID'
    group by param_set_id, centre_id, patient_key, drug_key, start_date
),

weights as (
    select
        centre_id,
        patient_key,
        specimen_lo as weight_date,
        row_key,
        {{ dbt.safe_cast("regexp_extract(value_text, '^ *([0-9]+(?:[.][0-9]+)?)', 1)", 'decimal(18, 4)') }} as weight_kg
    from {{ ref('stg_vital') }}
    where
        upper(test) in ('WEIGHT', 'BODY WEIGHT', '体重')
        and specimen_precision = 'D'
        and lower(coalesce(unit, 'kg')) in ('kg', '公斤', '千克')
),

treated as (
    select
        events.param_set_id, events.centre_id, events.patient_key, events.row_key, events.part_no,
        steroid_days.drug_key,
        steroid_days.daily_mg,
        steroid_days.steroid_date,
        weights.weight_kg,
        row_number() over (
            partition by
                events.param_set_id, events.centre_id, events.row_key, events.part_no, steroid_days.drug_key,
                steroid_days.steroid_date
            order by
                coalesce(weights.weight_date <= steroid_days.steroid_date, false) desc,
                abs({{ days_between('weights.weight_date', 'steroid_days.steroid_date') }}) asc nulls last,
                weights.row_key asc
        ) as weight_no
    from events
    inner join parameters on events.param_set_id = parameters.param_set_id
    inner join steroid_days
        on
            events.lines_param_set_id = steroid_days.param_set_id
            and events.centre_id = steroid_days.centre_id
            and events.patient_key = steroid_days.patient_key
            and events.start_date <= steroid_days.steroid_date
    left join weights
        on
            events.centre_id = weights.centre_id
            and events.patient_key = weights.patient_key
            and weights.weight_kg > 0
    where steroid_days.steroid_date <= {{ days_after('events.start_date', 'parameters.irae_steroid_days') }}
),

steroids as (
    select
        {{ event }},
        bool_or(
            treated.daily_mg * equivalents.prednisone_mg
            >= parameters.irae_steroid_mg_per_kg * treated.weight_kg * equivalents.dose_mg
        ) as is_enough,
        bool_or(treated.daily_mg is null or treated.weight_kg is null or equivalents.drug_key is null) as is_unclear
    from treated
    inner join parameters using (param_set_id)
    left join equivalents using (drug_key)
    where treated.weight_no = 1
    group by {{ event }}
),

replaced as (
    select distinct
        events.param_set_id, events.centre_id, events.patient_key, events.row_key, events.part_no,
        true as has_replacement_drug
    from events
    inner join drug_rows
        on
            events.lines_param_set_id = drug_rows.param_set_id
            and events.centre_id = drug_rows.centre_id
            and events.patient_key = drug_rows.patient_key
            and events.replacement_drug = drug_rows.drug_key
            and events.start_date <= drug_rows.start_date
),

evidence as (
    select
        {{ event }},
        case when steroids.is_enough then 'Y' when steroids.is_unclear then 'U' else 'N' end as steroid_flag,
        events.endocrine_on_replacement = 'Y' or coalesce(replaced.has_replacement_drug, false) as is_replaced
    from events
    left join steroids using ({{ event }})
    left join replaced using ({{ event }})
)

select * from evidence
