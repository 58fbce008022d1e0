{# Arithmetic on days and calendar months (R0.5); every argument is a SQL expression. #}

{% macro days_after(date, days) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}

{% macro days_between(earlier, later) -%}
    {{ dbt.datediff(earlier, later, 'day') }}
{%- endmacro %}

{# Calendar months with end-of-month clipping: 31 August + 6 months is the last day of February. #}
{% macro months_after(date, months) -%}
    cast({{ dbt.dateadd('month', months, date) }} as date)
{%- endmacro %}

{# R0.4: whether a date is known at the data cutoff; a centre without a calendar has no cutoff. #}
{% macro by_cutoff(date, data_cutoff) -%}
    ({{ data_cutoff }} is null or {{ date }} <= {{ data_cutoff }})
{%- endmacro %}

{# The end of a span that may have none, for a left join that compares it with a date of the other side: over `is null
   or` DuckDB hashes no key and compares every row with every other. #}
{% macro open_end(date) -%}
    coalesce({{ date }}, cast('9999-12-31' as date))
{%- endmacro %}

{# R0.4: an interval's end, cut at the data cutoff. #}
{% macro cut_at(date, data_cutoff) -%}
    least({{ date }}, coalesce({{ data_cutoff }}, {{ date }}))
{%- endmacro %}
