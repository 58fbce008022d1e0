{# The same columns of two relations, joined. Breaks its lines as a join inside a step does. #}
{% macro same(one, other, keys) -%}
{%- for key in keys -%}
{%- if not loop.first %}
            and {% endif -%}
{{ one }}.{{ key }} = {{ other }}.{{ key }}
{%- endfor -%}
{%- endmacro %}

{# Columns of a relation, one a line as in the list of a step. #}
{% macro columns_of(relation, columns) -%}
{%- for column in columns -%}
{%- if not loop.first %},
        {% endif -%}
{{ relation }}.{{ column }}
{%- endfor -%}
{%- endmacro %}
