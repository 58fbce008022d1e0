{# R0.3: the day on which a partly known date counts, by the role that it plays. Every macro takes SQL expressions and
   yields a DATE, empty where the date is unusable for the role. `lo`, `hi` and `precision` are those of partial_date. #}

{# How the day came about: '' as given, D day imputed, M month imputed, X unusable. #}
{% macro imputation_flag(precision, imputed_date) -%}
case
    when {{ imputed_date }} is null then 'X'
    when {{ precision }} = 'D' then ''
    when {{ precision }} = 'M' then 'D'
    else 'M'
end
{%- endmacro %}

{# `date` moved into [earliest, latest]; empty when nothing is left between them. Bounds that are not known do not bind. #}
{% macro clamped(date, earliest, latest) -%}
case when coalesce({{ earliest }} <= {{ latest }}, true) then greatest(least({{ date }}, {{ latest }}), {{ earliest }}) end
{%- endmacro %}

{# Death: mid-month, or the middle of what is left of the year; never before a proof of life, never after the cutoff. #}
{% macro death_date(lo, hi, precision, last_alive, data_cutoff) -%}
{%- set earliest = "greatest(" ~ lo ~ ", " ~ last_alive ~ ")" -%}
{%- set latest = "least(" ~ hi ~ ", " ~ data_cutoff ~ ")" -%}
case {{ precision }}
    when 'D' then {{ lo }}
    when 'M' then {{ clamped(mid_month(lo), earliest, latest) }}
    when 'Y' then {{ clamped(middle_day(earliest, latest), earliest, latest) }}
end
{%- endmacro %}

{# Progression or relapse: mid-month, after the last scan without progression, not after death or the cutoff; a year is not enough.
   `not_before` is the first day that other facts leave open, such as the day after index; pass null where there is none. #}
{% macro progression_date(lo, hi, precision, last_nonpd, not_before, death, data_cutoff) -%}
{%- set earliest = "greatest(" ~ lo ~ ", " ~ days_after(last_nonpd, 1) ~ ", " ~ not_before ~ ")" -%}
{%- set latest = "least(" ~ hi ~ ", " ~ death ~ ", " ~ data_cutoff ~ ")" -%}
case {{ precision }}
    when 'D' then {{ lo }}
    when 'M' then {{ clamped(mid_month(lo), earliest, latest) }}
end
{%- endmacro %}

{# First day of a prior drug: the first of the month; a year is not enough. #}
{% macro prior_drug_start(lo, precision) -%}
case when {{ precision }} in ('D', 'M') then {{ lo }} end
{%- endmacro %}

{# Last day of a prior drug: the last of the month, but before the next known start inside it; a year is not enough. #}
{% macro prior_drug_end(hi, precision, next_start) -%}
case {{ precision }}
    when 'D' then {{ hi }}
    when 'M' then least({{ hi }}, {{ days_after(next_start, -1) }})
end
{%- endmacro %}

{# Start of an adverse event: the first day of its month or year, but the index date where that lies in the month or year, so that
   what began under treatment is not moved before it. #}
{% macro ae_start_date(lo, hi, index_date) -%}
case when {{ index_date }} between {{ lo }} and {{ hi }} then {{ index_date }} else {{ lo }} end
{%- endmacro %}

{# End of an adverse event: the last day of its month or year, not after death or the cutoff; a known day is cut at the cutoff only. #}
{% macro ae_end_date(hi, precision, death, data_cutoff) -%}
case
    when {{ precision }} = 'D' then {{ cut_at(hi, data_cutoff) }}
    when {{ hi }} is not null then least({{ hi }}, {{ death }}, {{ data_cutoff }})
end
{%- endmacro %}

{# Last known alive: the earliest day that the text allows, so that nobody lives longer than proved. #}
{% macro last_alive_date(lo) -%}
    {{ lo }}
{%- endmacro %}

{# The 15th: a month known without its day counts from its middle. #}
{% macro mid_month(month_start) -%}
    {{ days_after(month_start, 14) }}
{%- endmacro %}

{# Middle of two days, rounded down. #}
{% macro middle_day(first, last) -%}
    {{ days_after(first, "floor(" ~ days_between(first, last) ~ " / cast(2 as double))") }}
{%- endmacro %}
