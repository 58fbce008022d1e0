-- One row per drug and name under which a protocol may ask for it.
-- R3.1, R3.4: a component or a prior exposure is any drug that matches by drug_key, by class or by a Y/N flag of the
-- drug table.
{{ config(materialized='view') }}

with drugs as (select * from {{ ref('drugs') }}),

members as (
    select drug_key, 'drug' as member_kind, drug_key as member from drugs
    union all
    select drug_key, 'class' as member_kind, class as member from drugs
    {% for flag in ['counts_in_lot', 'is_ici', 'is_pd1_mab', 'is_vegfr_tki', 'is_targeted'] %}
        union all
        select drug_key, 'flag' as member_kind, '{{ flag }}' as member from drugs where {{ flag }} = 'Y'
    {% endfor %}
)

select * from members
