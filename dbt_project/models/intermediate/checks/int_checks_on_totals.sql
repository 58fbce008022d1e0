-- One row per check, parameter set and included patient that a table of totals must count once.
-- R10, R9.10: categories of best response (DQ025), and treatment ongoing or one reason for its end (DQ027), are the
-- cohort; a reason that nobody gave (DQ039).
{{ config(materialized='view') }}
{%- set keys = 'param_set_id, centre_id, patient_key' %}

with included as (select distinct rule_family, {{ keys }} from {{ ref('int_included_patients') }}),

dispositions as (select * from {{ ref('int_dispositions') }} where component = 'ALL'),

judged as (
    select
        'DQ025' as check_id, 'bor' as table_name, {{ keys }},
        min(best.source_file) as source_file, min(best.source_row) as source_row,
        count(*) filter (
            where best.bor in ('CR', 'PR', 'SD', 'NON-CR/NON-PD', 'PD', 'NE', 'MISSING')
        ) <> 1 as is_failed
    from included
    left join {{ ref('int_best_response') }} as best using ({{ keys }})
    where included.rule_family = 'R5'
    group by {{ keys }}
    union all
    select
        'DQ027' as check_id, 'disposition' as table_name, {{ keys }},
        min(ends.source_file) as source_file, min(ends.source_row) as source_row,
        count(*) filter (where coalesce(ends.is_ongoing, false) = (ends.reason = 'ONGOING')) <> 1 as is_failed
    from included
    left join dispositions as ends using ({{ keys }})
    where included.rule_family = 'R7'
    group by {{ keys }}
    union all
    select
        'DQ039' as check_id, 'disposition' as table_name, {{ keys }}, ends.source_file, ends.source_row,
        ends.reason = 'OTHER' and ends.stop_reason_recorded is null as is_failed
    from included
    inner join dispositions as ends using ({{ keys }})
    where included.rule_family = 'R7' and not ends.is_ongoing
),

looked_at as (
    select
        check_id, table_name, centre_id, patient_key, cast(null as varchar) as row_key, source_file, source_row,
        param_set_id, is_failed
    from judged
    where is_failed is not null
)

select * from looked_at
