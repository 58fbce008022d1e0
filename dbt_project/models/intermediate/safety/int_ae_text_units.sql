-- One row per distinct text of an adverse event and unit of it: the whole text, each phrase, each item of a list.
-- R8: what a unit says of certainty and grade, and the unit as it is looked up, with one layer of words less each step.
{%- set kinds = [
    'negation', 'negation_after', 'uncertainty', 'affirmation', 'immune', 'filler', 'clause', 'phrase', 'item'
] %}
with words as (select * from {{ ref('ae_text_words') }}),

texts as (select distinct raw_term from {{ ref('stg_ae') }} where raw_term is not null),

folding as (select written_characters, folded_characters from {{ ref('int_drug_name_patterns') }}),

alternatives as (
    select
        {% for kind in kinds %}
            {{ alternatives('word', "kind = '" ~ kind ~ "'") }} as {{ kind }}_words,
        {% endfor %}
        {{ alternatives('word', "kind = 'grade'") }} as grade_words
    from words
),

spelt as (
    select
        *,
        '^ *(?:' || negation_words || ')|(?:' || negation_after_words || ')$' as negation_pattern,
        '^ *(?:' || affirmation_words || ')' as affirmation_pattern,
        '^ *(?:' || negation_words || ') *:?|(?:' || negation_after_words || ')$|^(?:' || affirmation_words || ')'
            as statement_pattern,
        'ctcae *(?:v(?:ersion)?[ .]*)?(?:[3-6][.]0)?'
        || '|(?:[0-9]{2,}(?:[.][0-9]+)?|[0-9]+[.][0-9]+) *(?:℃|°c?|度|级)' as noise_pattern,
        '(?:' || grade_words || ')(?: *(?:[-~/至到]|to) *(?:' || grade_words || '))?' as grades
    from alternatives
),

patterns as (
    select
        folding.written_characters,
        folding.folded_characters,
        spelt.*,
        '(?:\b(?:grade|gr|g)|分级|级别)[ .:]*' || spelt.grades || '|' || spelt.grades || ' *(?:级|度|°)|[ⅰ-ⅴ]$'
            as grade_pattern
    from spelt
    cross join folding
),

canonical as (
    select
        texts.raw_term,
        {{ tidied_without(canonical_text('texts.raw_term'), 'patterns.noise_pattern') }} as whole_text
    from texts
    cross join patterns
),

clauses as (
    select canonical.raw_term, {{ numbered_parts('canonical.whole_text', 'patterns.clause_words', 'clause') }}
    from canonical
    cross join patterns
),

phrases as (
    select
        clauses.raw_term, clauses.clause_no,
        {{ numbered_parts('clauses.clause_text', 'patterns.phrase_words', 'phrase') }}
    from clauses
    cross join patterns
),

items as (
    select
        phrases.raw_term, phrases.clause_no, phrases.phrase_no,
        {{ numbered_parts('phrases.phrase_text', 'patterns.item_words', 'item') }}
    from phrases
    cross join patterns
),

units as (
    select raw_term, 0 as clause_no, 0 as phrase_no, 0 as item_no, whole_text as unit_text from canonical
    union all
    select raw_term, clause_no, phrase_no, 0 as item_no, phrase_text as unit_text from phrases
    union all
    select raw_term, clause_no, phrase_no, item_no, item_text as unit_text from items
),

without_grade as (
    select
        units.*,
        patterns.grade_words,
        {{ matches_of('units.unit_text', 'patterns.grade_pattern') }} as grade_text,
        {{ tidied_without('units.unit_text', 'patterns.grade_pattern') }} as ungraded_text
    from units
    cross join patterns
),

without_statement as (
    select
        without_grade.*,
        regexp_matches(without_grade.ungraded_text, patterns.uncertainty_words) as is_doubted,
        regexp_matches(without_grade.ungraded_text, patterns.negation_pattern) as is_denied,
        regexp_matches(without_grade.ungraded_text, patterns.affirmation_pattern) as is_affirmed,
        regexp_matches(without_grade.ungraded_text, patterns.immune_words) as is_called_immune,
        {{ tidied_without(
            tidied_without('without_grade.ungraded_text', 'patterns.uncertainty_words'), 'patterns.statement_pattern'
        ) }} as bare_text
    from without_grade
    cross join patterns
),

layered as (
    select
        without_statement.*,
        {{ tidied_without('without_statement.bare_text', 'patterns.immune_words') }} as plain_text,
        '^(?:' || patterns.filler_words || ')|(?:' || patterns.filler_words || ')$' as filler_pattern,
        '^(?:(?:' || patterns.filler_words || ') *)+|(?: *(?:' || patterns.filler_words || '))+$' as fillers_pattern
    from without_statement
    cross join patterns
)

select * from layered
