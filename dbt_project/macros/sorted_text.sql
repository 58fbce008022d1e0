{# The distinct values of a group in their order, as one text. A sort inside each group's aggregate costs 25 times more. #}
{% macro sorted_text(value, separator) -%}
    {{ adapter.dispatch('sorted_text', 'oncomart')(value, separator) }}
{%- endmacro %}
{% macro default__sorted_text(value, separator) -%}
    array_to_string(list_sort(list(distinct {{ value }})), '{{ separator }}')
{%- endmacro %}
