{# R2.2: oral schedules. A cycle is `on_days` days of intake, then rest up to `cycle_days`; continuous drugs have both equal. #}

{# Calendar days that so many on-days last, the rest after each complete phase of intake included. #}
{% macro calendar_days(on_days, on_days_per_cycle, cycle_days) -%}
    (({{ on_days }}) // {{ on_days_per_cycle }} * {{ cycle_days }} + ({{ on_days }}) % {{ on_days_per_cycle }})
{%- endmacro %}

{# On-days that lie in so many calendar days from the start of a cycle. #}
{% macro on_days_within(calendar_days, on_days_per_cycle, cycle_days) -%}
    (
        ({{ calendar_days }}) // {{ cycle_days }} * {{ on_days_per_cycle }}
        + least(({{ calendar_days }}) % {{ cycle_days }}, {{ on_days_per_cycle }})
    )
{%- endmacro %}
