{# Folds each patient's rows in their order: state after row n = f(state after row n - 1, row n).

   name      of the CTE that holds this fold; the engine needs it to refer to the state so far
   rows      relation to fold, numbered 1, 2, 3 ... by `position` within `keys`
   keys      columns that part the rows: parameter set, centre, patient (and drug)
   position  column with the number of the row
   facts     {name: expression} worked out first at each later row, in their order; states refer to them as `name`
   states    {column: [value after row 1, value after a later row]}
   In the expressions `item` is the row and `so_far` the state after the row before.

   Yields keys, position and the state columns, one row per row of `rows`. Linear in rows; as deep as the longest patient. #}
{% macro fold_in_order(name, rows, keys, position, facts, states) -%}
    {{ adapter.dispatch('fold_in_order', 'oncomart')(name, rows, keys, position, facts, states) }}
{%- endmacro %}

{% macro default__fold_in_order(name, rows, keys, position, facts, states) %}
    select
        {% for key in keys %}item.{{ key }}, {% endfor %}
        item.{{ position }}
        {%- for column, values in states.items() %},
        {{ values[0] }} as {{ column }}
        {%- endfor %}
    from {{ rows }} as item
    where item.{{ position }} = 1
    union all
    select
        {% for key in keys %}item.{{ key }}, {% endfor %}
        item.{{ position }}
        {%- for column, values in states.items() %},
        {{ values[1] }} as {{ column }}
        {%- endfor %}
    from {{ name }} as so_far
    inner join {{ rows }} as item
        on {% for key in keys %}so_far.{{ key }} = item.{{ key }} and {% endfor %}so_far.{{ position }} + 1 = item.{{ position }}
    {%- for fact, expression in facts.items() %}
    cross join lateral (select {{ expression }} as {{ fact }}) as fact_{{ loop.index }}
    {%- endfor %}
{%- endmacro %}
