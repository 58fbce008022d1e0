{# R10: the checks that reject a landed row in SQL. What they reject, staging leaves out and int_rejected_rows lists. #}

{# A number that a check compares with, from seed dq_limits. #}
{% macro dq_limit(check_id, item, bound) -%}
    (select max(value) from {{ ref('dq_limits') }} where check_id = '{{ check_id }}' and item = '{{ item }}' and bound = '{{ bound }}')
{%- endmacro %}

{# The last words of a table with their patient and the first check, by number, that rejects each; NULL for a good row. #}
{% macro judged_words(table) %}
select
    *,
    case
        when patient_key is null then 'DQ001'
        {%- if table == 'lab' %}
        when is_unit_unknown then 'DQ011'
        {%- elif table == 'ecog' %}
        when test = 'ECOG' and value > {{ dq_limit('DQ013', 'ECOG', 'max') }} then 'DQ013'
        {%- elif table == 'lesion' %}
        when is_copy then 'DQ017'
        when (status = 'MEASURED' and mm <= 0) or mm > {{ dq_limit('DQ046', 'diameter', 'max') }} then 'DQ046'
        {%- elif table == 'vital' %}
        when is_blood_pressure and {{ is_impossible_blood_pressure('sbp', 'dbp') }} then 'DQ053'
        {%- endif %}
        {%- if event_date_of(table) %}
        when {{ surely_before(event_date_of(table), 'birth_ym') }} then 'DQ057'
        when {{ surely_after(event_date_of(table), 'newest_extract') }}
            {%- if table == 'drug_row' %} and coalesce(status, '') <> 'PLANNED'{% endif %} then 'DQ058'
        {%- endif %}
        {%- if table in ('drug_row', 'ae') %}
        when {{ surely_before('end_text', 'start_text') }} then '{{ 'DQ062' if table == 'drug_row' else 'DQ071' }}'
        {%- endif %}
    end as rejected_by
from (
    select
        patients.patient_key,
        patients.birth_ym,
        cast(extracts.newest_extract_date as varchar) as newest_extract,
        words.*
        {%- if table == 'lesion' %},
        {{ is_copy_of_a_lesion() }} as is_copy
        {%- elif table == 'lab' %},
        absolute_tests.test is not null
        and coalesce(trim(words.unit), '') <> ''
        and factors.test is null as is_unit_unknown
        {%- elif table == 'vital' %},
        names.test in ('SBP', 'DBP', 'BP') as is_blood_pressure,
        {{ pressure_of_reading('SBP') }} as sbp,
        {{ pressure_of_reading('DBP') }} as dbp
        {%- endif %}
    from ({{ last_words(table) }}) as words
    left join {{ ref('stg_linked_identities') }} as linked
        on words.centre_id = linked.centre_id and words.patient_id = linked.patient_id
    left join {{ ref('stg_patient') }} as patients
        on words.centre_id = patients.centre_id
        and coalesce(linked.patient_key, {{ patient_key('words.centre_id', 'words.patient_id') }}) = patients.patient_key
    left join ({{ newest_extracts() }}) as extracts on words.centre_id = extracts.centre_id
    {%- if table in ('lab', 'vital') %}
    left join {{ ref('int_measurement_names') }} as names on words.test = names.test_name
    {%- endif %}
    {%- if table == 'lab' %}
    left join (
        select distinct test from {{ ref('ctcae_labs') }} where bound_basis = 'ABS'
    ) as absolute_tests on names.test = absolute_tests.test
    left join {{ ref('int_measurement_units') }} as units on words.unit = units.unit_text
    left join {{ ref('lab_unit_factors') }} as factors on names.test = factors.test and units.unit = factors.unit
    {%- elif table == 'vital' %}
    left join {{ ref('int_result_texts') }} as texts on words.value_text = texts.value_text
    {%- endif %}
) as known
{%- endmacro %}

{# DQ058: the last day that a centre can know; none where its days count from an anchor. Not the row's own delivery: a
   refresh in monthly batches and one in a single batch must reject the same rows. #}
{% macro newest_extracts() %}
select
    deliveries.centre_id,
    max(deliveries.extract_date) as newest_extract_date
from {{ source('lake', 'deliveries') }} as deliveries
inner join {{ source('lake', 'centres') }} as centres on deliveries.centre_id = centres.centre_id
where centres.calendar <> 'relative'
group by deliveries.centre_id
{%- endmacro %}

{# The column that dates a row's event; a reviewer's decision is no event of the patient. #}
{% macro event_date_of(table) -%}
{{- {
    'pathology': 'path_date', 'disease_event': 'event_date_text', 'drug_row': 'start_text', 'procedure': 'start_text',
    'scan': 'scan_date', 'lesion': 'scan_date', 'response': 'response_date', 'lab': 'specimen_date',
    'vital': 'specimen_date', 'ecog': 'specimen_date', 'ae': 'start_text', 'death': 'date_text', 'stage': 'stage_date',
    'diagnosis': 'date_text', 'biomarker': 'date_text', 'clinical_note_flag': 'date_text', 'contact': 'date_text',
}.get(table, '') -}}
{%- endmacro %}

{# Dates cut at their precision compare as text: 2024-03 is surely before 2024-04-01, and not before 2024-03-20. #}
{% macro surely_before(text, other) -%}
    {{ text }} < left({{ other }}, length({{ text }}))
{%- endmacro %}
{% macro surely_after(text, other) -%}
    {{ text }} > left({{ other }}, length({{ text }}))
{%- endmacro %}

{# DQ017: a second row of one lesion, time point and reader. Of two the earlier scan stays, then the larger diameter that
   can be, then the worse state (R0.7: what could not be evaluated comes last). The same time point's name on a much later scan is another time point. #}
{% macro is_copy_of_a_lesion() -%}
coalesce(words.tp, words.scan_date) is not null
        and row_number() over {{ copies_of_a_lesion() }} > 1
        and coalesce(
            {{ days_between('lag(' ~ first_possible_day('words.scan_date') ~ ') over ' ~ copies_of_a_lesion(), first_possible_day('words.scan_date')) }}
            <= {{ dq_limit('DQ017', 'scan', 'max') }},
            true
        )
{%- endmacro %}
{% macro copies_of_a_lesion() -%}
(
    partition by
        words.centre_id, patients.patient_key, words.reader, words.lesion_id, coalesce(words.tp, words.scan_date)
    order by
        words.scan_date,
        words.mm > {{ dq_limit('DQ046', 'diameter', 'max') }},
        words.mm desc,
        position(words.status in 'MEASURED TSTM ABSENT_MERGED NE'),
        position(words.nt_status in 'PD NONCR CR NE'),
        words.certainty desc,
        words.row_hash asc
)
{%- endmacro %}

{# DQ053: the other pressure of a reading stands in the same cell, result or source row; else it is the only one of the
   day. #}
{% macro pressure_of_reading(test) -%}
{%- set whole = 'texts.systolic_value' if test == 'SBP' else 'texts.diastolic_value' -%}
{%- set value = "case names.test when '" ~ test ~ "' then coalesce(" ~ whole ~ ", texts.number_value) when 'BP' then " ~ whole ~ " end" -%}
{%- set day = '(partition by words.centre_id, patients.patient_key, words.specimen_date)' -%}
{%- set reading %}(
            partition by
                words.centre_id, patients.patient_key, words.specimen_date,
                coalesce(words.result_id, words.source_file || ':' || cast(words.source_row as varchar))
        ){% endset -%}
coalesce(
            max({{ value }}) over {{ reading }},
            case
                when
                    count(*) filter (where names.test = 'SBP') over {{ day }} = 1
                    and count(*) filter (where names.test = 'DBP') over {{ day }} = 1
                    then max({{ value }}) over {{ day }}
            end
        )
{%- endmacro %}

{% macro is_impossible_blood_pressure(sbp, dbp) -%}
    (
        {{ sbp }} <= {{ dbp }}
        or {{ sbp }} not between {{ dq_limit('DQ053', 'SBP', 'min') }} and {{ dq_limit('DQ053', 'SBP', 'max') }}
        or {{ dbp }} not between {{ dq_limit('DQ053', 'DBP', 'min') }} and {{ dq_limit('DQ053', 'DBP', 'max') }}
    )
{%- endmacro %}

{# DQ003: rows that one delivery holds again with the same content; the first stays. #}
{% macro repeated_rows(table) %}
select *
from (
    select
        *,
        row_number() over (partition by centre_id, delivery_id, row_key, row_hash order by source_row) as copy_no
    from {{ source('lake', table) }}
    where not is_withdrawn
) as copies
where copy_no > 1
{%- endmacro %}
