{# Reading of adverse events as they are written (R8). #}

{# What two names of an event are compared by: canonical text without spaces, hyphens and brackets, British and American spelling alike. #}
{% macro term_key(text) -%}
replace(
    replace(replace(regexp_replace({{ text }}, '[\s_\-''.()\[\]]+', '', 'g'), 'ae', 'e'), 'oe', 'e'), 'our', 'or'
)
{%- endmacro %}

{# The text without what a pattern matches, without brackets that this leaves empty and without loose punctuation at its ends. #}
{% macro tidied_without(text, pattern) -%}
trim(regexp_replace(
    regexp_replace(regexp_replace({{ text }}, {{ pattern }}, ' ', 'g'), '[\[(][ ,;:]*[\])]', ' ', 'g'), '^[ ,;:.~-]+|[ ,;:.~-]+$', '', 'g'
))
{%- endmacro %}

{# Everything that a pattern matches in a text, joined by spaces. #}
{% macro matches_of(text, pattern) -%}
    {{ adapter.dispatch('matches_of', 'oncomart')(text, pattern) }}
{%- endmacro %}
{% macro default__matches_of(text, pattern) -%}
    array_to_string(regexp_extract_all({{ text }}, {{ pattern }}), ' ')
{%- endmacro %}

{# One row per match of a pattern in a text. #}
{% macro rows_of_matches(text, pattern) -%}
    {{ adapter.dispatch('rows_of_matches', 'oncomart')(text, pattern) }}
{%- endmacro %}
{% macro default__rows_of_matches(text, pattern) -%}
    unnest(regexp_extract_all({{ text }}, {{ pattern }}))
{%- endmacro %}

{# One row per part of a text cut where a pattern matches, with its number from 1. #}
{% macro numbered_parts(text, pattern, name) -%}
    {{ adapter.dispatch('numbered_parts', 'oncomart')(text, pattern, name) }}
{%- endmacro %}
{% macro default__numbered_parts(text, pattern, name) -%}
    unnest({{ parts_of(text, pattern) }}) as {{ name }}_text,
    generate_subscripts({{ parts_of(text, pattern) }}, 1) as {{ name }}_no
{%- endmacro %}
