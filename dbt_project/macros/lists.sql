{# Lists of rows, where an engine has them: `variable` names the element inside the expression. #}

{% macro each_of(items, variable, expression) -%}
    {{ adapter.dispatch('each_of', 'oncomart')(items, variable, expression) }}
{%- endmacro %}
{% macro default__each_of(items, variable, expression) -%}
    list_transform({{ items }}, lambda {{ variable }}: {{ expression }})
{%- endmacro %}

{% macro any_of(items, variable, condition) -%}
    {{ adapter.dispatch('any_of', 'oncomart')(items, variable, condition) }}
{%- endmacro %}
{% macro default__any_of(items, variable, condition) -%}
    len(list_filter({{ items }}, lambda {{ variable }}: {{ condition }})) > 0
{%- endmacro %}

{# Whether a name stands in a list parameter, whose names are parted by | or by commas. #}
{% macro is_listed(name, listed) -%}
{%- set names = "'|' || replace(replace(" ~ listed ~ ", ' ', ''), ',', '|') || '|'" -%}
coalesce({{ dbt.position("'|' || " ~ name ~ " || '|'", names) }} > 0, false)
{%- endmacro %}

{# One row per struct of a list, its fields as columns. #}
{% macro rows_of_structs(items) -%}
    {{ adapter.dispatch('rows_of_structs', 'oncomart')(items) }}
{%- endmacro %}
{% macro default__rows_of_structs(items) -%}
    unnest({{ items }}, recursive := true)
{%- endmacro %}

{# The last element of a list, NULL of an empty one. #}
{% macro last_of(items) -%}
    {{ adapter.dispatch('last_of', 'oncomart')(items) }}
{%- endmacro %}
{% macro default__last_of(items) -%}
    list_last({{ items }})
{%- endmacro %}

{# The list without its last element, and the list with one element more. #}
{% macro without_last(items) -%}
    {{ adapter.dispatch('without_last', 'oncomart')(items) }}
{%- endmacro %}
{% macro default__without_last(items) -%}
    array_pop_back({{ items }})
{%- endmacro %}

{% macro with_last(items, element) -%}
    {{ adapter.dispatch('with_last', 'oncomart')(items, element) }}
{%- endmacro %}
{% macro default__with_last(items, element) -%}
    list_append({{ items }}, {{ element }})
{%- endmacro %}

{# Whether two lists share an element. #}
{% macro have_in_common(items, others) -%}
    {{ adapter.dispatch('have_in_common', 'oncomart')(items, others) }}
{%- endmacro %}
{% macro default__have_in_common(items, others) -%}
    list_has_any({{ items }}, {{ others }})
{%- endmacro %}

{# One row per whole number from the first to the last, both counted. #}
{% macro rows_of_numbers(first, last) -%}
    {{ adapter.dispatch('rows_of_numbers', 'oncomart')(first, last) }}
{%- endmacro %}
{% macro default__rows_of_numbers(first, last) -%}
    unnest(range({{ first }}, {{ last }} + 1))
{%- endmacro %}

{# The largest element of a list, NULL of an empty one. #}
{% macro largest_of(items) -%}
    {{ adapter.dispatch('largest_of', 'oncomart')(items) }}
{%- endmacro %}
{% macro default__largest_of(items) -%}
    list_max({{ items }})
{%- endmacro %}
