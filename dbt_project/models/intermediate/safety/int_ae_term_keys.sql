-- One row per way of writing an adverse event, as events are compared.
-- R8.3, R8.6: every synonym in canonical text, its words for high and low spelt out, with the term that it means.
with synonyms as (select * from {{ ref('ae_synonyms') }}),

directions as (select word, '<' || kind || '>' as mark from {{ ref('ae_text_words') }} where kind in ('high', 'low')),

terms as (select * from {{ ref('ae_terms') }}),

patterns as (select written_characters, folded_characters from {{ ref('int_drug_name_patterns') }}),

written as (
    select synonyms.synonym as written_name, synonyms.term, synonyms.is_immune_stated
    from synonyms
    where synonyms.synonym not like '%<%'
    union all
    select
        {{ rows_of_list(
            "replace(synonyms.synonym, directions.mark, directions.word)
            || '|' || directions.word || ' ' || replace(synonyms.synonym, directions.mark, '')"
        ) }} as written_name,
        synonyms.term,
        synonyms.is_immune_stated
    from synonyms
    inner join directions on synonyms.synonym like '%' || directions.mark || '%'
),

canonical as (
    select
        {{ canonical_text('written.written_name') }} as written_name,
        written.term,
        written.is_immune_stated
    from written
    cross join patterns
),

keyed as (
    select
        {{ term_key('written_name') }} as term_key,
        term,
        min(written_name) as written_name,
        max(is_immune_stated) as is_immune_stated
    from canonical
    group by {{ term_key('written_name') }}, term
),

described as (
    select
        keyed.term_key,
        keyed.written_name,
        keyed.is_immune_stated,
        keyed.term,
        terms.immune_term
    from keyed
    inner join terms on keyed.term = terms.term
)

select * from described
