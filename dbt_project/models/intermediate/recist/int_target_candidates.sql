-- One row per RS parameter set, patient, reader, time point and target lesion.
-- R5.1.4: which rules the lesion breaks as a target of a baseline at this time point (DQ048-050); it is kept all the
-- same unless the study drops such targets.
{%- set timepoint = 'targets.param_set_id, targets.centre_id, targets.patient_key, targets.reader, targets.tp_no' %}
with parameters as (select * from {{ ref('int_parameters_rs') }}),

targets as (
    select *, case when is_node then 'LYMPH_NODE' else coalesce(counted_organ, lesion_id) end as organ_for_count
    from {{ ref('int_lesion_values') }}
    where role = 'TARGET'
),

ranked as (
    select
        targets.*,
        parameters.target_max_total,
        parameters.target_max_per_organ,
        case
            when targets.is_node then parameters.target_node_min_mm
            when targets.slice_mm > parameters.target_slice_mm
                then greatest(parameters.target_min_mm, targets.slice_mm * parameters.target_slice_factor)
            else parameters.target_min_mm
        end as smallest_mm,
        row_number() over (
            partition by {{ timepoint }} order by targets.value_mm desc nulls last, targets.lesion_id asc
        ) as place,
        row_number() over (
            partition by {{ timepoint }}, targets.organ_for_count
            order by targets.value_mm desc nulls last, targets.lesion_id asc
        ) as place_in_organ
    from targets
    inner join parameters on targets.param_set_id = parameters.param_set_id
),

judged as (
    select
        param_set_id,
        centre_id,
        patient_key,
        reader,
        tp_no,
        lesion_id,
        counted_organ,
        is_node,
        value_mm,
        last_date,
        row_key,
        concat_ws(
            ',',
            case when not is_measurable_organ and not is_node then 'NOT_MEASURABLE_SITE' end,
            case when value_mm < smallest_mm then 'TOO_SMALL' end,
            case when is_irradiated then 'IRRADIATED' end,
            case when place > target_max_total then 'TOO_MANY' end,
            case when place_in_organ > target_max_per_organ then 'TOO_MANY_IN_ORGAN' end
        ) as target_problems
    from ranked
),

flagged as (select *, target_problems <> '' as is_rule_breaking_target from judged)

select * from flagged
