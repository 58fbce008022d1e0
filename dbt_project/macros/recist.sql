{# R5.1: a time point's label as it is compared: in capitals, without spaces, dots, dashes and underscores. #}
{% macro folded_label(label) -%}
    upper(regexp_replace({{ label }}, '[\s._-]', '', 'g'))
{%- endmacro %}

{# R5.2: the number that a fragment of a split lesion would have come from: T1 of T1a, T1.2 and T1-b; empty without one. #}
{% macro fragment_parent(lesion_id) -%}
    nullif(regexp_extract({{ lesion_id }}, '^(.*[0-9])([A-Za-z]|[._/-][0-9A-Za-z])$', 1), '')
{%- endmacro %}

{# R5.2, R5.3: what each later time point of a course shows of the lesions that its baseline selected. Two models ask it: one
   before the index date is known (each course from its own start), one after (from the baseline of the index date).

   courses  relation of param_set_id, stream_param_set_id (that of the lesions), centre_id, patient_key, reader, baseline_no,
            last_no, has_baseline_pet

   Yields one row per course and time point, the baseline included. #}
{% macro timepoint_findings(courses) %}
{%- set reader = ['centre_id', 'patient_key', 'reader'] %}
{%- set course = ['param_set_id'] + reader + ['baseline_no'] %}
{%- set timepoint = (course + ['tp_no']) | join(', ') %}
with parameters as (select * from {{ ref('int_parameters_rs') }}),

lesion_values as (select * from {{ ref('int_lesion_values') }}),

timepoints as (
    select
        {{ columns_of('courses', course) }},
        courses.stream_param_set_id,
        courses.has_baseline_pet,
        timepoints.tp_no,
        timepoints.tp_label,
        timepoints.first_date,
        timepoints.last_date,
        timepoints.row_key
    from {{ courses }} as courses
    inner join {{ ref('int_lesion_timepoints') }} as timepoints
        on
            courses.stream_param_set_id = timepoints.param_set_id
            and {{ same('courses', 'timepoints', reader) }}
            and timepoints.tp_no between courses.baseline_no and courses.last_no
),

baseline_targets as (
    select
        {{ columns_of('courses', course) }},
        targets.lesion_id,
        targets.is_node,
        targets.target_problems <> '' as is_rule_breaking
    from {{ courses }} as courses
    inner join parameters on courses.stream_param_set_id = parameters.param_set_id
    inner join {{ ref('int_target_candidates') }} as targets
        on
            courses.stream_param_set_id = targets.param_set_id
            and {{ same('courses', 'targets', reader) }}
            and courses.baseline_no = targets.tp_no
    where parameters.rule_breaking_targets = 'KEEP' or targets.target_problems = ''
),

readings as (
    select
        timepoints.*,
        lesion_values.lesion_id,
        lesion_values.role,
        lesion_values.value_mm,
        lesion_values.last_date as lesion_date,
        lesion_values.evaluated_date,
        lesion_values.nontarget_state,
        lesion_values.nontarget_pd_date,
        lesion_values.new_date,
        lesion_values.is_unequivocal
        or (lesion_values.is_unequivocal_on_pet and timepoints.has_baseline_pet) as is_unequivocal,
        lesion_values.sign_row_key,
        lesion_values.row_key as lesion_row_key
    from timepoints
    inner join lesion_values
        on
            timepoints.stream_param_set_id = lesion_values.param_set_id
            and {{ same('timepoints', 'lesion_values', reader) }}
            and timepoints.tp_no = lesion_values.tp_no
),

target_sums as (
    select
        {{ columns_of('timepoints', course) }},
        timepoints.tp_no,
        count(*) as n_targets,
        count(*) - count(readings.value_mm) as n_targets_missing,
        cast(sum(readings.value_mm) as decimal(18, 4)) as part_mm,
        coalesce(bool_or(not targets.is_node and readings.value_mm > 0), false) as has_non_node,
        coalesce(bool_or(targets.is_node and readings.value_mm >= parameters.node_normal_mm), false) as has_node,
        count(*) filter (where targets.is_rule_breaking) as n_rule_breaking_targets,
        max(readings.lesion_date) as target_date,
        {{ value_of_last('readings.lesion_row_key', '(readings.lesion_date, readings.lesion_row_key)') }}
            as target_row_key
    from timepoints
    inner join parameters on timepoints.stream_param_set_id = parameters.param_set_id
    inner join baseline_targets as targets
        on
            {{ same('timepoints', 'targets', course) }}
    left join readings
        on
            {{ same('targets', 'readings', course) }}
            and timepoints.tp_no = readings.tp_no
            and targets.lesion_id = readings.lesion_id
    group by
        {{ columns_of('timepoints', course + ['tp_no']) }}
),

baseline_nontargets as (
    select {{ course | join(', ') }}, lesion_id
    from readings
    where tp_no = baseline_no and role = 'NONTARGET' and nontarget_state <> 'CR'
),

nontarget_readings as (
    select
        {{ columns_of('timepoints', course) }},
        timepoints.tp_no,
        nontargets.lesion_id,
        readings.nontarget_state,
        readings.nontarget_pd_date,
        readings.lesion_date,
        readings.sign_row_key,
        readings.lesion_row_key,
        true as is_at_baseline
    from timepoints
    inner join baseline_nontargets as nontargets
        on
            {{ same('timepoints', 'nontargets', course) }}
    left join readings
        on
            {{ same('nontargets', 'readings', course) }}
            and timepoints.tp_no = readings.tp_no
            and nontargets.lesion_id = readings.lesion_id
    union all
    select
        {{ columns_of('readings', course) }},
        readings.tp_no,
        readings.lesion_id,
        readings.nontarget_state,
        readings.nontarget_pd_date,
        readings.lesion_date,
        readings.sign_row_key,
        readings.lesion_row_key,
        false as is_at_baseline
    from readings
    left join baseline_nontargets as nontargets
        on
            {{ same('readings', 'nontargets', course) }}
            and readings.lesion_id = nontargets.lesion_id
    where readings.role = 'NONTARGET' and nontargets.lesion_id is null and readings.tp_no > readings.baseline_no
),

nontargets as (
    select
        {{ timepoint }},
        bool_or(nontarget_state = 'PD') as is_pd,
        case
            when bool_or(nontarget_state = 'PD') then 'PD'
            when bool_or(is_at_baseline) and bool_or(coalesce(nontarget_state, 'NE') = 'NE') then 'NE'
            when bool_or(nontarget_state = 'NONCR') then 'NON-CR/NON-PD'
            when bool_or(is_at_baseline) then 'CR'
            else 'NONE'
        end as nontarget_response,
        bool_or(not is_at_baseline and nontarget_state <> 'CR') as has_late_nontarget,
        min(nontarget_pd_date) as nontarget_pd_date,
        max(lesion_date) as nontarget_date,
        {{ value_of_first('sign_row_key', '(nontarget_pd_date, sign_row_key)') }} as nontarget_pd_row_key,
        {{ value_of_last('lesion_row_key', '(lesion_date, lesion_row_key)') }} as nontarget_row_key
    from nontarget_readings
    group by {{ timepoint }}
),

evaluations as (
    select {{ timepoint }}, max(evaluated_date) as evaluated_date from readings group by {{ timepoint }}
),

new_lesions as (
    select
        {{ timepoint }},
        min(case when is_unequivocal then new_date end) as new_lesion_date,
        min(case when not is_unequivocal then new_date end) as equivocal_date,
        list(distinct lesion_id) filter (where is_unequivocal) as unequivocal_lesions,
        list(distinct lesion_id) filter (where not is_unequivocal) as equivocal_lesions,
        {{ value_of_first('sign_row_key', '(new_date, sign_row_key)') }} as new_row_key
    from readings
    where new_date is not null and tp_no > baseline_no
    group by {{ timepoint }}
)

select
    timepoints.*,
    coalesce(target_sums.n_targets, 0) as n_targets,
    coalesce(target_sums.n_targets_missing, 0) as n_targets_missing,
    coalesce(target_sums.n_rule_breaking_targets, 0) as n_rule_breaking_targets,
    target_sums.part_mm,
    case when target_sums.n_targets_missing = 0 then target_sums.part_mm end as sum_mm,
    target_sums.n_targets_missing = 0 and not target_sums.has_non_node and not target_sums.has_node as is_target_cr,
    target_sums.has_non_node,
    target_sums.target_date,
    coalesce(nontargets.nontarget_response, 'NONE') as nontarget_response,
    coalesce(nontargets.has_late_nontarget, false) as has_late_nontarget,
    nontargets.nontarget_pd_date,
    nontargets.nontarget_date,
    new_lesions.new_lesion_date,
    new_lesions.equivocal_date,
    new_lesions.unequivocal_lesions,
    new_lesions.equivocal_lesions,
    evaluations.evaluated_date,
    target_sums.target_row_key,
    nontargets.nontarget_pd_row_key,
    nontargets.nontarget_row_key,
    new_lesions.new_row_key
from timepoints
left join target_sums using ({{ timepoint }})
left join nontargets using ({{ timepoint }})
left join new_lesions using ({{ timepoint }})
left join evaluations using ({{ timepoint }})
{%- endmacro %}

{# Percent change from a reference to one decimal, halves away from zero; empty from a reference of 0. For display only. #}
{% macro percent_change(value, reference) -%}
    cast(round(cast(100 * ({{ value }} - {{ reference }}) / nullif({{ reference }}, 0) as decimal(18, 9)), 1) as decimal(18, 1))
{%- endmacro %}

{# R5.2, R5.3: the response at each time point of a course. `findings` is a relation with the columns of timepoint_findings.
   The nadir is the smallest complete sum before the time point. #}
{% macro timepoint_responses(findings) %}
{%- set course = 'param_set_id, centre_id, patient_key, reader, baseline_no' %}
{%- set earlier = 'partition by ' ~ course ~ ' order by tp_no rows between unbounded preceding and 1 preceding' %}
with parameters as (select * from {{ ref('int_parameters_rs') }}),

measured as (
    select
        findings.*,
        findings.tp_no = findings.baseline_no as is_baseline,
        first_value(findings.sum_mm) over (partition by {{ course }} order by findings.tp_no) as base_mm,
        min(findings.sum_mm) over ({{ earlier }}) as nadir_mm,
        coalesce(bool_or(findings.is_target_cr and findings.tp_no > findings.baseline_no) over ({{ earlier }}), false)
            as had_target_cr
    from {{ findings }} as findings
),

targets as (
    select
        measured.*,
        case
            when measured.is_baseline then null
            when coalesce(measured.base_mm, 0) = 0 then 'NONE'
            when
                measured.n_targets_missing > 0
                and measured.part_mm - measured.nadir_mm >= parameters.pd_increase_mm
                and measured.part_mm * 100 >= measured.nadir_mm * (100 + parameters.pd_increase_percent)
                then 'PD'
            when measured.n_targets_missing > 0 then 'NE'
            when measured.is_target_cr then 'CR'
            when measured.had_target_cr and measured.has_non_node then 'PD'
            when
                measured.sum_mm - measured.nadir_mm >= parameters.pd_increase_mm
                and measured.sum_mm * 100 >= measured.nadir_mm * (100 + parameters.pd_increase_percent)
                then 'PD'
            when measured.sum_mm * 100 <= measured.base_mm * (100 - parameters.pr_decrease_percent) then 'PR'
            else 'SD'
        end as target_response
    from measured
    inner join parameters on measured.stream_param_set_id = parameters.param_set_id
),

judged as (
    select
        *,
        case
            when is_baseline then null
            when target_response = 'PD' or nontarget_response = 'PD' or new_lesion_date is not null then 'PD'
            when target_response = 'CR' then case when nontarget_response in ('CR', 'NONE') then 'CR' else 'PR' end
            when target_response in ('PR', 'SD', 'NE') then target_response
            when nontarget_response = 'NONE' then 'NE'
            else nontarget_response
        end as response_so_far
    from targets
),

looked_ahead as (
    select
        *,
        lead(case when response_so_far <> 'NE' then coalesce(unequivocal_lesions, []) end ignore nulls) over (
            partition by {{ course }} order by tp_no
        ) as next_unequivocal_lesions
    from judged
),

settled as (
    select
        *,
        coalesce({{ have_in_common('equivocal_lesions', 'next_unequivocal_lesions') }}, false) as is_confirmed_later,
        case
            when {{ have_in_common('equivocal_lesions', 'next_unequivocal_lesions') }} then 'PD' else response_so_far
        end as tp_response,
        case
            when new_lesion_date is not null then 'UNEQUIVOCAL'
            when {{ have_in_common('equivocal_lesions', 'next_unequivocal_lesions') }} then 'CONFIRMED_LATER'
            when equivocal_date is not null then 'EQUIVOCAL'
            else 'NONE'
        end as new_lesion,
        case when target_response = 'PD' then target_date end as target_pd_date
    from looked_ahead
),

dated as (
    select
        *,
        least(
            target_pd_date,
            nontarget_pd_date,
            new_lesion_date,
            case when is_confirmed_later then equivocal_date end
        ) as pd_date,
        coalesce(bool_or(tp_response in ('CR', 'PR')) over ({{ earlier }}), false) as had_response,
        coalesce(bool_or(tp_response = 'PD') over ({{ earlier }}), false) as had_pd
    from settled
)

select
    {{ course }},
    stream_param_set_id,
    tp_no,
    tp_label,
    first_date,
    last_date,
    is_baseline,
    case
        when tp_response = 'PD' then pd_date
        when tp_response = 'NE' then last_date
        else coalesce(target_date, nontarget_date, last_date)
    end as response_date,
    case when tp_response <> 'NE' then coalesce(evaluated_date, last_date) end as last_evaluable_date,
    n_targets,
    n_targets_missing,
    n_rule_breaking_targets,
    has_late_nontarget,
    base_mm,
    sum_mm,
    nadir_mm,
    {{ percent_change('sum_mm', 'base_mm') }} as pct_base,
    {{ percent_change('sum_mm', 'nadir_mm') }} as pct_nadir,
    target_response,
    case when not is_baseline then nontarget_response end as nontarget_response,
    case when not is_baseline then new_lesion end as new_lesion,
    tp_response,
    case when tp_response = 'SD' and had_response and not had_pd then 'PR' else tp_response end as course_response,
    nullif(concat_ws(
        ',',
        case when had_target_cr and target_response in ('PR', 'SD') then 'CR_LOST' end,
        case when is_confirmed_later and response_so_far <> 'PD' then 'BACKDATED' end,
        case when new_lesion = 'EQUIVOCAL' and next_unequivocal_lesions is null then 'EQUIVOCAL_OPEN' end,
        case when target_response = 'NONE' and nontarget_response = 'NONE' then 'NO_DISEASE' end
    ), '') as review,
    case
        when tp_response = 'PD' and pd_date = new_lesion_date then new_row_key
        when tp_response = 'PD' and pd_date = nontarget_pd_date then nontarget_pd_row_key
        when tp_response = 'PD' and pd_date = target_pd_date then target_row_key
        when tp_response = 'PD' then new_row_key
        else coalesce(target_row_key, nontarget_row_key, new_row_key, row_key)
    end as row_key
from dated
{%- endmacro %}

{# R5.3: how far two readers agree. MISSING_ONE also where one of them could not evaluate and the other saw no progression. #}
{% macro discordance(investigator, independent) -%}
case
    when {{ investigator }} = {{ independent }} then 'AGREE'
    when {{ investigator }} is null or {{ independent }} is null then 'MISSING_ONE'
    when 'PD' in ({{ investigator }}, {{ independent }}) then 'MAJOR'
    when 'NE' in ({{ investigator }}, {{ independent }}) or 'MISSING' in ({{ investigator }}, {{ independent }})
        then 'MISSING_ONE'
    else 'MINOR'
end
{%- endmacro %}
