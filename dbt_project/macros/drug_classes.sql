{# R1: the classes of chemotherapy, as drugs.csv names them. #}
{% macro is_cytotoxic(drug_class) -%}
coalesce({{ drug_class }} in (
    'PLATINUM', 'TAXANE', 'FLUOROPYRIMIDINE', 'IRINOTECAN', 'TOPO1_OTHER', 'MICROTUBULE_OTHER',
    'ANTIMETABOLITE_OTHER', 'CYTOTOXIC_OTHER'
), false)
{%- endmacro %}
