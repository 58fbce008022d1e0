-- One row per warehouse.
-- R1.1 to R1.9: the word lists of drug names as regular expressions and folded characters.
with characters as (
    select
        string_agg(written, '' order by written) as written_characters,
        string_agg(folded, '' order by written) as folded_characters
    from {{ ref('character_folding') }}
),

words as (
    select
        {{ alternatives('word', "kind in ('tag', 'own_supply')") }} as tags,
        {{ alternatives('word', "kind = 'own_supply'") }} as own_supply_words,
        {{ alternatives('word', "kind = 'mark'") }} as marks,
        {{ alternatives('word', "kind = 'form'") }} as forms,
        {{ alternatives('word', "kind = 'salt'") }} as salts,
        {{ alternatives('word', "kind = 'trial'") }} as trial_words,
        {{ alternatives('word', "kind = 'separator'") }} as separators
    from {{ ref('drug_name_words') }}
),

units as (
    select
        {{ alternatives('unit', 'true', is_open=true) }} as all_units,
        {{ alternatives('unit', 'mg_per_unit is not null', is_open=true) }} as mass_units
    from {{ ref('strength_units') }}
),

patterns as (
    select
        characters.written_characters,
        characters.folded_characters,
        '[\[(] *(?:' || words.tags || ')(?:[ ,;/](?:' || words.tags || '))* *[\])]|(?:' || words.marks || ')+'
            as tag_pattern,
        '[\[(] *(?:' || words.own_supply_words || ') *[\])]' as own_supply_pattern,
        '[\[(]? *\d+(?:\.\d+)? *(?:' || units.all_units || ')'
        || '(?: *[*x] *\d+(?:\.\d+)? *(?:' || units.all_units || ')?'
        || '| *[:/] *(?:\d+(?:\.\d+)? *)?(?:' || units.all_units || '))* *[\])]?' as strength_pattern,
        '\d+(?:\.\d+)? *(?:' || units.mass_units || ')' as mass_pattern,
        '^(?: *(?:' || words.forms || '))+ *|(?: *(?:' || words.forms || '))+ *$' as form_pattern,
        '^(?: *(?:' || words.salts || '))+ *|(?: *(?:' || words.salts || '))+ *$' as salt_pattern,
        words.trial_words as trial_pattern,
        words.separators as separator_pattern
    from characters
    cross join words
    cross join units
)

select * from patterns
