{# R8.4: a value against the rows of CTCAE bounds. In scope stand `value`, `value_side` (-1 for a result just below the
   value, such as <5, 1 for one just above, 0 for the value itself), `uln`, `lln`, `base` and `is_base_missing`. #}

{# The bound of a row: so many times the limit or the baseline that it refers to; empty when that is not known. #}
{% macro bound_value(end) -%}
bound.{{ end }}_multiple
* case bound.{{ end }}_reference when 'ULN' then uln when 'LLN' then lln when 'BASE' then base else 1 end
{%- endmacro %}

{% macro is_above_lower() -%}
(
    bound.lower_multiple is null
    or value > {{ bound_value('lower') }}
    or (value = {{ bound_value('lower') }} and (value_side > 0 or (value_side = 0 and bound.is_lower_included)))
)
{%- endmacro %}

{% macro is_below_upper() -%}
(
    bound.upper_multiple is null
    or value < {{ bound_value('upper') }}
    or (value = {{ bound_value('upper') }} and (value_side < 0 or (value_side = 0 and bound.is_upper_included)))
)
{%- endmacro %}

{# What each row yields under one state of the baseline: its grade, 0, or nothing where a limit that decides is missing.
   Without a baseline the rows that refer to it do not apply. #}
{% macro grades_reached(bounds, baseline_state) -%}
{%- set condition = is_above_lower() ~ " and " ~ is_below_upper() -%}
{{ each_of(bounds, 'bound', "case
    when bound.baseline_state not in ('ANY', " ~ baseline_state ~ ") then 0
    when bound.lower_reference = 'BASE' and is_base_missing then 0
    else case (" ~ condition ~ ") when true then bound.grade when false then 0 end
end") }}
{%- endmacro %}

{# The worst grade reached; nothing when none is and some row could not be judged. #}
{% macro worst_reached(grades) -%}
case
    when {{ largest_of(grades) }} > 0 then {{ largest_of(grades) }}
    when not {{ any_of(grades, 'reached', 'reached is null') }} then 0
end
{%- endmacro %}

{# CDISC ATOXGR of a result: the low grade with a minus, else the high one, else 0 when every term of the test is 0. #}
{% macro signed_grade(low, high, low_term, high_term) -%}
case
    when {{ low }} > 0 then '-' || {{ low }}
    when {{ high }} > 0 then cast({{ high }} as varchar)
    when coalesce({{ low_term }}, {{ high_term }}) is null then null
    when ({{ low_term }} is null or {{ low }} = 0) and ({{ high_term }} is null or {{ high }} = 0) then '0'
end
{%- endmacro %}
