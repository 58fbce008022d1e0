-- One row per centre, contract table and column.
-- R10: in how many of the rows that staging holds, the last words that no check rejects, the column has a value; a date
-- has one when a day, a month or a year of it can be read (R0.3).
with filled as (
    {%- for table, columns in contract_columns().items() %}
        select
            centre_id,
            '{{ table }}' as table_name,
            count(*) as n_rows,
            {{ filled_columns(columns) }}
        from {{ ref('stg_' ~ table) }}
        group by centre_id
        {{ 'union all' if not loop.last }}
    {%- endfor %}
),

shares as (
    select
        centre_id,
        table_name,
        column_name,
        n_rows,
        n_filled,
        cast(100 * n_filled as double) / n_rows as pct_filled
    from filled
)

select * from shares
