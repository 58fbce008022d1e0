{# Numerator over denominator, both exact with at most four decimals, rounded half up: whole numbers are divided, so that
   no binary float comes between. #}
{% macro rounded_ratio(numerator, denominator, decimals=4) -%}
{%- set whole_numerator = "cast(cast(" ~ numerator ~ " as decimal(38, 4)) * 10000 as hugeint)" -%}
{%- set whole_denominator = "cast(cast(" ~ denominator ~ " as decimal(38, 4)) * 10000 as hugeint)" -%}
    cast(
        cast(
            (2 * {{ whole_numerator }} * 1{{ '0' * decimals }} + {{ whole_denominator }})
            // nullif(2 * {{ whole_denominator }}, 0) as decimal(38, 0)
        ) * cast('{{ '0.' ~ '0' * (decimals - 1) ~ '1' }}' as decimal(18, {{ decimals }})) as decimal(18, {{ decimals }})
    )
{%- endmacro %}

{# R7.5: days that are a whole number of every cycle, so that fractions of cycles add up exactly. #}
{% macro common_multiple(cycle_days) -%}
    {{ adapter.dispatch('common_multiple', 'oncomart')(cycle_days) }}
{%- endmacro %}
{% macro default__common_multiple(cycle_days) -%}
    cast(product(distinct {{ cycle_days }}) as bigint)
{%- endmacro %}
