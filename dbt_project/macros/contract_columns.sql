{# The columns of each contract table but the patient's number; a test holds them against models/contract. #}
{% macro contract_columns() -%}
{{- return({
    'patient': ['sex', 'birth_ym', 'age_at_diagnosis'],
    'pathology': ['report_id', 'path_date', 'site_icdo', 'icdo_morphology', 'behaviour', 'text_flag_mixed'],
    'disease_event': ['event', 'event_date_text', 'organ', 'station', 'is_distant', 'source'],
    'drug_row': [
        'row_id', 'source_kind', 'raw_name', 'raw_spec', 'dose', 'dose_unit', 'qty', 'units_per_day', 'route',
        'dispense_setting', 'start_text', 'end_text', 'status', 'reason_stop', 'trial_id', 'cycle_days',
        'intent', 'planned_maintenance'
    ],
    'procedure': ['procedure_id', 'kind', 'start_text', 'end_text', 'dose_gy', 'intent', 'target_site'],
    'scan': ['scan_id', 'scan_date', 'modality', 'region', 'report_date', 'slice_mm'],
    'lesion': [
        'reader', 'lesion_id', 'organ', 'is_node', 'role', 'tp', 'scan_date', 'status', 'mm', 'nt_status',
        'certainty', 'irradiated'
    ],
    'response': ['reader', 'tp', 'response_date', 'response', 'target_sum_mm'],
    'lab': ['result_id', 'specimen_date', 'test', 'value_text', 'unit', 'lln', 'uln'],
    'vital': ['result_id', 'specimen_date', 'test', 'value_text', 'unit', 'lln', 'uln'],
    'ecog': ['specimen_date', 'test', 'value'],
    'ae': [
        'raw_term', 'term', 'ctcae_grade', 'ctcae_version', 'causality_text', 'start_text', 'end_text',
        'outcome', 'grade_at', 'endocrine_on_replacement'
    ],
    'death': ['source', 'date_text', 'cause'],
    'stage': ['stage_date', 'system', 't', 'n', 'm', 'stage_group'],
    'diagnosis': ['date_text', 'code', 'system', 'kind'],
    'biomarker': ['date_text', 'name', 'value_text'],
    'clinical_note_flag': ['date_text', 'flag', 'decided_by'],
    'identity_link': ['valid_from'],
    'adjudication': ['rule', 'item', 'value', 'reason', 'decided_by', 'decided_date', 'evidence'],
    'contact': ['date_text', 'kind']
}) -}}
{%- endmacro %}

{# The staged column of a contract column: of a date the first day that it can be. #}
{% macro staged_column(column) -%}
    {%- set is_date = column in ['grade_at', 'valid_from'] or column.endswith('_date') or column.endswith('_text') -%}
    {%- if is_date and column not in ['causality_text', 'value_text'] -%}
        {{ column | replace('_text', '') | replace('_date', '') }}_lo
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{# One row a column of a table, with the rows that have a value in it, beside what the select groups by. #}
{% macro filled_columns(columns) -%}
    {{ adapter.dispatch('filled_columns', 'oncomart')(columns) }}
{%- endmacro %}
{% macro default__filled_columns(columns) -%}
    {%- set counts = [] -%}
    {%- for column in columns -%}
        {%- do counts.append("{'column_name': '" ~ column ~ "', 'n_filled': count(" ~ staged_column(column) ~ ")}") -%}
    {%- endfor -%}
    {{ rows_of_structs('[' ~ counts | join(', ') ~ ']') }}
{%- endmacro %}
