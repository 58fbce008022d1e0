{# R0.3: text of a date that is known to the day, the month or the year becomes three columns:
   <name>_lo and <name>_hi, the first and last day that it can mean, and <name>_precision, D, M or Y.
   Text that is no date, or a day that the calendar does not have, leaves all three empty. #}
{% macro partial_date(text, name) %}
{{ first_possible_day(text) }} as {{ name }}_lo,
{{ last_possible_day(text) }} as {{ name }}_hi,
case when {{ first_possible_day(text) }} is not null then {{ date_precision(text) }} end as {{ name }}_precision
{%- endmacro %}

{% macro date_precision(text) -%}
case when {{ text }} like '____-__-__' then 'D' when {{ text }} like '____-__' then 'M' when {{ text }} like '____' then 'Y' end
{%- endmacro %}

{% macro first_possible_day(text) -%}
{{ dbt.safe_cast(
    "case " ~ date_precision(text) ~ " when 'D' then " ~ text ~ " when 'M' then " ~ text ~ " || '-01' when 'Y' then " ~ text ~ " || '-01-01' end",
    'date'
) }}
{%- endmacro %}

{% macro last_possible_day(text) -%}
case {{ date_precision(text) }}
    when 'D' then {{ first_possible_day(text) }}
    when 'M' then cast({{ dbt.last_day(first_possible_day(text), 'month') }} as date)
    when 'Y' then cast({{ dbt.last_day(first_possible_day(text), 'year') }} as date)
end
{%- endmacro %}
