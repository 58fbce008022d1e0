{# One row per parameter set of a family of rules, one typed column per parameter; `columns` is {parameter: type}.
   A value that does not read as its type stops the build, and so does, by its not_null test, one that is missing. #}
{% macro typed_parameters(family, columns) %}
select
    param_set_id
    {%- for parameter, type in columns.items() %},
    cast(max(case when parameter = '{{ parameter }}' then nullif(value, '') end) as {{ type }}) as {{ parameter | lower }}
    {%- endfor %}
from {{ source('protocol', 'parameters') }}
where rule_family = '{{ family }}'
group by param_set_id
{%- endmacro %}
