-- One row per covariate and patient with an index date who has a value of it.
-- R3.3 to R3.6: every kind of covariate in one shape: a number or a text, with the row that it came from.
{{ config(materialized='view') }}
{% set sources = [
    'demographics', 'baseline_values', 'tumour', 'stage', 'procedures', 'prior_exposure', 'metastatic_sites',
    'index_treatment',
] %}

with valued as (
    {% for source_name in sources %}
        select
            param_set_id,
            covariate,
            centre_id,
            patient_key,
            value_number,
            value_text,
            source_table,
            source_file,
            source_row
        from {{ ref('int_covariate_' ~ source_name) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from valued
