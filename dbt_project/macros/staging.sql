{# The last word on each record: the newest version of a business key, unless it says that the record was withdrawn.
   Ordered by extract date, then delivery, then row; landing time plays no part. #}
{% macro last_words(table) %}
select *
from (
    select
        *,
        row_number() over (
            partition by centre_id, row_key
            order by extract_date desc, delivery_seq desc, source_row desc, source_part desc, row_hash desc
        ) as word_number
    from {{ source('lake', table) }}
) as versions
where word_number = 1 and not is_withdrawn
{%- endmacro %}

{# The last words with the patient resolved, without those that a check rejects (R10). #}
{% macro last_words_of_patients(table) %}
select * from ({{ judged_words(table) }}) as judged where rejected_by is null
{%- endmacro %}

{# The key of a patient with one number only; linked numbers share the key of the smallest of them. #}
{% macro patient_key(centre_id, patient_id) -%}
    {{ dbt.hash(centre_id ~ " || '|' || " ~ patient_id) }}
{%- endmacro %}

{# Columns that lead a staged row back to its delivery, file and row. #}
{% macro provenance() -%}
    row_key, delivery_id, batch_id, source_file, source_row
{%- endmacro %}
