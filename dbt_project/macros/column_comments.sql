{# A column's unit is part of its comment, so that every SQL client shows it beside the meaning. #}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {% set described = {} %}
    {% for name, column in column_dict.items() %}
        {% set unit = column['meta'].get('unit') %}
        {% set comment = column['description'] ~ (' Unit: ' ~ unit ~ '.' if unit else '') %}
        {% do described.update({name: {'description': comment, 'quote': column['quote']}}) %}
    {% endfor %}
    {{ return(dbt.duckdb__alter_column_comment(relation, described)) }}
{% endmacro %}
