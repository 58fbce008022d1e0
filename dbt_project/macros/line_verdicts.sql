{# R2.4: what a row of the line machine decides. The verdicts are described in seeds/line_rules.csv; the sign in front says
   whether the line changes, so that the fold needs no look-up. #}
{% macro new_line(verdict) -%}'+{{ verdict }}'{%- endmacro %}
{% macro same_line(verdict) -%}'={{ verdict }}'{%- endmacro %}

{% macro opens_line(verdict) -%}{{ verdict }} like '+%'{%- endmacro %}
{% macro verdict_name(verdict) -%}ltrim({{ verdict }}, '+='){%- endmacro %}
