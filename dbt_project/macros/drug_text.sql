{# Reading of drug names (R1). `folding` is the one-row relation of int_drug_name_patterns. #}

{# R1.1: one spelling of a text: full-width, traditional and lower-case variants folded, invisible characters out, single spaces. #}
{% macro canonical_text(text) -%}
    trim(regexp_replace(
        regexp_replace(
            lower(translate({{ text }}, patterns.written_characters, patterns.folded_characters)),
            '[\x{200B}-\x{200D}\x{2060}\x{FEFF}]', '', 'g'
        ),
        '[\s\x{00A0}\x{3000}]+', ' ', 'g'
    ))
{%- endmacro %}

{# What two names are compared by: the canonical text without spaces and hyphens, so that 5-FU, 5 FU and 5FU are one. #}
{% macro lookup_key(text) -%}
    regexp_replace({{ text }}, '[\s_-]+', '', 'g')
{%- endmacro %}

{# The text without what a pattern matches. #}
{% macro without(text, pattern) -%}
    trim(regexp_replace({{ text }}, {{ pattern }}, ' ', 'g'))
{%- endmacro %}

{# One row per part of a text cut at a fixed separator. #}
{% macro rows_of_list(text) -%}
    {{ adapter.dispatch('rows_of_list', 'oncomart')(text) }}
{%- endmacro %}
{% macro default__rows_of_list(text) -%}
    unnest(string_split({{ text }}, '|'))
{%- endmacro %}

{# The parts of a text cut where a pattern matches, as a list. #}
{% macro parts_of(text, pattern) -%}
    {{ adapter.dispatch('parts_of', 'oncomart')(text, pattern) }}
{%- endmacro %}
{% macro default__parts_of(text, pattern) -%}
    list_filter(
        list_transform(string_split_regex({{ text }}, {{ pattern }}), lambda part: trim(part)), lambda part: part <> ''
    )
{%- endmacro %}

{# The words that meet a condition as alternatives of a regular expression, longest first. Latin words are read only as
   whole words; a unit may follow its number without a space, so it is only closed (`is_open`). #}
{% macro alternatives(word, condition, is_open=false) -%}
    string_agg(
        case when regexp_matches({{ word }}, '^[a-z]') then '{{ '' if is_open else '\\b' }}' else '' end
        || regexp_escape({{ word }})
        || case when regexp_matches({{ word }}, '[a-z]$') then '\b' else '' end,
        '|' order by length({{ word }}) desc, {{ word }}
    ) filter (where {{ condition }})
{%- endmacro %}

{# Number and unit of a mass such as 12mg. #}
{% macro mass_number(mass) -%}
    {{ dbt.safe_cast("regexp_extract(" ~ mass ~ ", '^[0-9.]+')", 'decimal(18, 4)') }}
{%- endmacro %}
{% macro mass_unit(mass) -%}
    regexp_extract({{ mass }}, '[^0-9. ]+$')
{%- endmacro %}
