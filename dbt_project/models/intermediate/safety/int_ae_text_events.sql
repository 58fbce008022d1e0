-- One row per distinct text of an adverse event and event that it names.
-- R8, R0.2: a text is read as a whole, else phrase by phrase, else item by item; what is denied is NEGATED, what is doubted
-- UNCERTAIN, what matches nothing has no term; one grade at the end of a list holds for all of it.
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

words as (select word, kind, grade from {{ ref('ae_text_words') }}),

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
        keys.term_key,
        keys.is_immune_stated = 'Y' or (readings.is_called_immune and readings.match_method not in ('WHOLE', 'GRADE'))
            as is_immune_stated,
        keys.term,
        keys.immune_term,
        row_number() over (partition by {{ unit }} order by readings.step_no) as hit_no
    from readings
    inner join keys on readings.term_key = keys.term_key
),

matched as (
    select
        units.*,
        hits.match_method,
        case when hits.is_immune_stated then coalesce(hits.immune_term, hits.term) else hits.term end as term,
        coalesce(hits.is_immune_stated, false) as is_immune_stated,
        units.is_denied and coalesce(hits.match_method, '') not in ('WHOLE', 'GRADE') as is_negated,
        units.is_doubted and coalesce(hits.match_method, '') not in ('WHOLE', 'GRADE') as is_uncertain,
        bool_or(hits.term is not null) over (partition by units.raw_term) as has_match,
        bool_or(hits.term is not null and units.clause_no = 0) over (partition by units.raw_term) as has_whole_match,
        bool_or(hits.term is not null and units.item_no = 0) over (
            partition by units.raw_term, units.clause_no, units.phrase_no
        ) as has_phrase_match
    from units
    left join hits using ({{ unit }})
    where coalesce(hits.hit_no, 1) = 1
),

chosen as (
    select *
    from matched
    where
        case
            when has_whole_match or not has_match then clause_no = 0
            when clause_no = 0 then false
            when has_phrase_match then item_no = 0
            else item_no > 0
        end
),

grades as (
    select {{ unit }}, max(words.grade) as own_grade
    from (
        select {{ unit }}, {{ rows_of_matches('grade_text', 'grade_words') }} as word
        from chosen
        where coalesce(match_method, 'NONE') <> 'WHOLE'
    ) as stated
    inner join words on stated.word = words.word and words.kind = 'grade'
    group by {{ unit }}
),

placed as (
    select
        chosen.*,
        grades.own_grade,
        count(grades.own_grade) over clause_window as n_grades,
        last_value(grades.own_grade) over (
            clause_window order by chosen.phrase_no, chosen.item_no
            rows between unbounded preceding and unbounded following
        ) as last_grade,
        bool_or(chosen.is_negated) over phrase_so_far as is_list_negated,
        bool_or(chosen.is_affirmed) over phrase_so_far as is_list_affirmed,
        coalesce(bool_or(chosen.is_negated) over (
            partition by chosen.raw_term, chosen.clause_no
            order by chosen.phrase_no range between unbounded preceding and 1 preceding
        ), false) as is_earlier_negated
    from chosen
    left join grades using ({{ unit }})
    window
        clause_window as (partition by chosen.raw_term, chosen.clause_no),
        phrase_so_far as (partition by chosen.raw_term, chosen.clause_no, chosen.phrase_no order by chosen.item_no)
),

judged as (
    select
        placed.raw_term,
        row_number() over (
            partition by placed.raw_term order by placed.clause_no, placed.phrase_no, placed.item_no
        ) as part_no,
        placed.term,
        coalesce(placed.match_method, 'NONE') as match_method,
        placed.is_immune_stated,
        case
            when words.word is not null or placed.unit_text = '' then 'NONE'
            when placed.is_uncertain then 'UNCERTAIN'
            when placed.is_negated or (placed.is_list_negated and not placed.is_list_affirmed)
                then case when placed.term is null then 'UNCERTAIN' else 'NEGATED' end
            when placed.is_earlier_negated and not placed.is_list_affirmed then 'UNCERTAIN'
            else 'CERTAIN'
        end as certainty,
        case when placed.n_grades = 1 then coalesce(placed.own_grade, placed.last_grade) else placed.own_grade end
            as text_grade,
        placed.own_grade is null and placed.n_grades = 1 and placed.last_grade is not null as is_list_grade
    from placed
    left join words on placed.unit_text = words.word and words.kind = 'no_event'
    where placed.ungraded_text <> '' or placed.clause_no = 0
)

select * from judged
