{# R10: how many rows of a table staging leaves out, by check: rows of nobody in the patient table (DQ001), and rows that a
   delivery holds twice with the same content (DQ003). #}
{% macro rejections(table) %}
select
    words.centre_id,
    '{{ table }}' as table_name,
    'DQ001' as check_id,
    count(*) as n_rows
from ({{ last_words(table) }}) as words
left join {{ ref('stg_linked_identities') }} as linked
    on words.centre_id = linked.centre_id and words.patient_id = linked.patient_id
left join {{ ref('stg_patient') }} as patients
    on words.centre_id = patients.centre_id
    and coalesce(linked.patient_key, {{ patient_key('words.centre_id', 'words.patient_id') }}) = patients.patient_key
where patients.patient_key is null
group by words.centre_id
union all
select
    centre_id,
    '{{ table }}' as table_name,
    'DQ003' as check_id,
    sum(n_copies - 1) as n_rows
from (
    select centre_id, count(*) as n_copies
    from {{ source('lake', table) }}
    where not is_withdrawn
    group by centre_id, delivery_id, row_key, row_hash
    having count(*) > 1
) as repeated
group by centre_id
{%- endmacro %}
