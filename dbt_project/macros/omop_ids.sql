{# R2.7: numbers of the OMOP tables, hashes of this warehouse's own keys: landing replaces every number of a person or a
   record, also one that an OMOP source gave, so no number here leads back to a person. #}

{% macro omop_person_id(centre_id, patient_key) -%}
{{ stable_number("'person|' || " ~ centre_id ~ " || '|' || " ~ patient_key) }}
{%- endmacro %}

{% macro omop_drug_exposure_id(row_key, part_no) -%}
{{ stable_number("'drug_exposure|' || " ~ row_key ~ " || '|' || " ~ part_no) }}
{%- endmacro %}

{# `started` is the first day of the line, `detail` what tells episodes of one kind apart that begin on one day. #}
{% macro omop_episode_id(item, rows, started, detail) -%}
{{ stable_number(
    "'episode|' || " ~ rows ~ ".param_set_id || '|' || " ~ rows ~ ".centre_id || '|' || " ~ rows ~ ".patient_key || '|' || "
    ~ dbt.string_literal(item) ~ " || '|' || " ~ started ~ " || '|' || " ~ detail
) }}
{%- endmacro %}
