{# R2.2: milligrams of one drug row: the dose in mg, else units given or dispensed by the strength of one; empty when unknown. #}
{% macro given_mg() -%}
coalesce(
    dose_mg,
    case when dose_unit in ('vial', 'tablet', 'capsule') then dose * strength_mg end,
    qty * strength_mg
)
{%- endmacro %}

{# A sum that is empty when any of its terms is: what is not known is not nothing (R0.2). #}
{% macro complete_sum(value) -%}
case when count(*) = count({{ value }}) then sum({{ value }}) end
{%- endmacro %}
