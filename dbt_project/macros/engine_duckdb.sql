{# What DuckDB does in its own way. Another engine gives its own `<engine>__` macro of the same name. #}

{# dbt's own default is a plain cast, which fails on the first bad value. #}
{% macro duckdb__safe_cast(field, type) -%}
    try_cast({{ field }} as {{ type }})
{%- endmacro %}

{# The value of the row that comes first (last) in an order, rows without a value left out. #}
{% macro value_of_first(value, order) -%}
    {{ adapter.dispatch('value_of_first', 'oncomart')(value, order) }}
{%- endmacro %}
{% macro default__value_of_first(value, order) -%}
    min_by({{ value }}, {{ order }}) filter (where {{ value }} is not null)
{%- endmacro %}

{% macro value_of_last(value, order) -%}
    {{ adapter.dispatch('value_of_last', 'oncomart')(value, order) }}
{%- endmacro %}
{% macro default__value_of_last(value, order) -%}
    max_by({{ value }}, {{ order }}) filter (where {{ value }} is not null)
{%- endmacro %}

{# Which nodes hang together. `nodes` has (group_column, id), `edges` (group_column, id_from, id_to) in both directions;
   yields (group_column, id, representative), the smallest id of each component. Each round visits only nodes that changed. #}
{% macro connected_components(nodes, edges, group_column) -%}
    {{ adapter.dispatch('connected_components', 'oncomart')(nodes, edges, group_column) }}
{%- endmacro %}
{% macro default__connected_components(nodes, edges, group_column) %}
    with recursive components ({{ group_column }}, id, representative) using key ({{ group_column }}, id) as (
        select {{ group_column }}, id, id as representative from {{ nodes }}
        union
        select {{ edges }}.{{ group_column }}, {{ edges }}.id_to, min(components.representative)
        from components
        inner join {{ edges }}
            on components.{{ group_column }} = {{ edges }}.{{ group_column }} and components.id = {{ edges }}.id_from
        inner join recurring.components as known
            on {{ edges }}.{{ group_column }} = known.{{ group_column }} and {{ edges }}.id_to = known.id
        where components.representative < known.representative
        group by {{ edges }}.{{ group_column }}, {{ edges }}.id_to
    )
    select {{ group_column }}, id, representative from components
{%- endmacro %}

{# Edits (insert, delete, replace, swap neighbours) between two short texts, counted in characters.
   DuckDB counts bytes, so the characters of both texts are first renamed, alike in both, to single-byte ones. #}
{% macro character_edits(one, other) -%}
    {{ adapter.dispatch('character_edits', 'oncomart')(one, other) }}
{%- endmacro %}
{% macro default__character_edits(one, other) -%}
    {%- set letters = "'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&()*+,-./:;<=>?@[]^_{|}~'" -%}
    damerau_levenshtein(
        translate({{ one }}, {{ one }} || {{ other }}, {{ letters }}),
        translate({{ other }}, {{ one }} || {{ other }}, {{ letters }})
    )
{%- endmacro %}

{# A positive whole number that stands for a text: the same on every run and engine that has its macro. #}
{% macro stable_number(text) -%}
    {{ adapter.dispatch('stable_number', 'oncomart')(text) }}
{%- endmacro %}
{% macro default__stable_number(text) -%}
    cast(md5_number_lower({{ text }}) >> 1 as bigint)
{%- endmacro %}

{# A whole number that orders rows by day and, within a day, by what a text stands for. It has a fixed size: DuckDB can
   put aside the sums of many groups only when none of them holds a text. #}
{% macro day_order(date, text) -%}
    {{ adapter.dispatch('day_order', 'oncomart')(date, text) }}
{%- endmacro %}
{% macro default__day_order(date, text) -%}
    (cast(date_diff('day', date '0001-01-01', {{ date }}) as hugeint) << 63) + {{ stable_number(text) }}
{%- endmacro %}
