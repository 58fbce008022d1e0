{# R10: from one column a check (true = the row fails, false = it passes, NULL = the check does not look at it) to one row
   per check and row looked at. `flags` names a step with table_name, centre_id, patient_key, row_key, source_file,
   source_row, param_set_id and a column for each of `checks`. #}
{% macro by_check(flags, checks) %}
select
    checks.check_id,
    {{ flags }}.table_name,
    {{ flags }}.centre_id,
    {{ flags }}.patient_key,
    {{ flags }}.row_key,
    {{ flags }}.source_file,
    {{ flags }}.source_row,
    {{ flags }}.param_set_id,
    case checks.check_id
        {%- for check_id in checks %}
        when '{{ check_id }}' then {{ flags }}.{{ check_id | lower }}
        {%- endfor %}
    end as is_failed
from {{ flags }}
cross join (
    select check_id from {{ ref('dq_checks') }} where check_id in ('{{ checks | join("', '") }}')
) as checks
{%- endmacro %}
