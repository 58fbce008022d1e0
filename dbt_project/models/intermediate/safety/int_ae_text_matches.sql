-- One row per distinct text of an adverse event and unit of it that the vocabulary knows.
-- R8.3, R8.6: the first reading that hits, the whole unit first; called immune-related, a term becomes its immune one.
{%- set unit = 'raw_term, clause_no, phrase_no, item_no' %}
{%- set steps = [
    ('WHOLE', 'unit_text'),
    ('GRADE', 'ungraded_text'),
    ('STATEMENT', 'bare_text'),
    ('IMMUNE', 'plain_text'),
    ('FILLER', tidied_without('plain_text', 'filler_pattern')),
    ('FILLERS', tidied_without('plain_text', 'fillers_pattern')),
    ('BRACKET', tidied_without(tidied_without('plain_text', "'[\\[(][^\\])]*[\\])]'"), 'fillers_pattern')),
] %}
with units as (select * from {{ ref('int_ae_text_units') }}),

keys as (select * from {{ ref('int_ae_term_keys') }}),

readings as (
    {% for method, text in steps %}
        select
            {{ unit }}, is_called_immune, {{ loop.index }} as step_no, '{{ method }}' as match_method,
            {{ term_key(text) }} as term_key
        from units
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

hits as (
    select
        {{ unit }},
        readings.match_method,
        keys.is_immune_stated = 'Y'
        or (readings.is_called_immune and readings.match_method not in ('WHOLE', 'GRADE')) as is_immune_stated,
        keys.term,
        keys.immune_term,
        row_number() over (partition by {{ unit }} order by readings.step_no) as hit_no
    from readings
    inner join keys on readings.term_key = keys.term_key
),

matches as (
    select
        {{ unit }},
        match_method,
        is_immune_stated,
        case when is_immune_stated then coalesce(immune_term, term) else term end as term
    from hits
    where hit_no = 1
)

select * from matches
