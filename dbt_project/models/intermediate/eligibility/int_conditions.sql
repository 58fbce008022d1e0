-- One row per condition of a criterion and patient screened.
-- R0.2, R3.2: every condition says MET, NOT_MET or UNKNOWN from the patient's side, with its reason and the row that
-- decided.
{% set condition_types = [
    'index_found', 'pathology', 'no_pathology', 'disease_event', 'baseline_value', 'age', 'prior_therapy_failed',
    'line_number', 'no_note_flag', 'no_second_primary', 'no_active_brain_metastasis', 'records_complete',
] %}

with judged as (
    {% for condition_type in condition_types %}
        select
            param_set_id,
            criterion_id,
            condition_no,
            '{{ condition_type }}' as condition_type,
            centre_id,
            patient_key,
            status,
            reason,
            source_table,
            source_file,
            source_row
        from {{ ref('int_condition_' ~ condition_type) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from judged
