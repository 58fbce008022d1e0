-- One row per table, centre and day of an event, with the rows of that day.
-- R10: what the checks on whole tables count (DQ028, DQ041, DQ057-DQ059, DQ075, DQ076); undated rows have no day.
{%- set tables = [
    'pathology', 'disease_event', 'drug_row', 'procedure', 'scan', 'lesion', 'response', 'lab', 'vital', 'ecog', 'ae',
    'death', 'stage', 'diagnosis', 'biomarker', 'clinical_note_flag', 'contact'
] %}
with events as (
    {%- for table in tables %}
        {%- set name = event_date_of(table) | replace('_text', '') | replace('_date', '') %}
        select
            '{{ table }}' as table_name,
            centre_id,
            {{ name }}_lo as event_date,
            {{ name }}_precision = 'D' as is_day_known,
            {{ name }}_precision in ('D', 'M') as is_month_known,
            {% if table == 'drug_row' -%}
                coalesce(source_kind in ('ADMIN', 'MAR') and route = 'IV', false) as is_infusion
            {%- else -%}
                false as is_infusion
            {%- endif %}
        from {{ ref('stg_' ~ table) }}
        union all
    {%- endfor %}
    {%- for table in ['patient', 'adjudication'] %}
        select
            '{{ table }}' as table_name, centre_id, cast(null as date) as event_date, false as is_day_known,
            false as is_month_known, false as is_infusion
        from {{ ref('stg_' ~ table) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

days as (
    select
        table_name,
        centre_id,
        event_date,
        is_day_known,
        is_month_known,
        is_infusion,
        count(*) as n_rows
    from events
    group by table_name, centre_id, event_date, is_day_known, is_month_known, is_infusion
)

select * from days
