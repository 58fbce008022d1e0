-- One row per distinct text of an adverse event and event that it names.
-- R8, R0.2: a text is read as a whole, else phrase by phrase, else item by item; what is denied is NEGATED, what is
-- doubted UNCERTAIN, what matches nothing has no term; one grade at the end of a list holds for all of it.
{%- set unit = 'raw_term, clause_no, phrase_no, item_no' %}
with units as (select * from {{ ref('int_ae_text_units') }}),

matches as (select * from {{ ref('int_ae_text_matches') }}),

words as (select word, kind, grade from {{ ref('ae_text_words') }}),

matched as (
    select
        units.*,
        coalesce(matches.match_method, 'NONE') as match_method,
        matches.term,
        coalesce(matches.is_immune_stated, false) as is_immune_stated,
        units.is_denied and coalesce(matches.match_method, 'NONE') not in ('WHOLE', 'GRADE') as is_negated,
        units.is_doubted and coalesce(matches.match_method, 'NONE') not in ('WHOLE', 'GRADE') as is_uncertain,
        bool_or(matches.term is not null) over (partition by units.raw_term) as has_match,
        bool_or(matches.term is not null and units.clause_no = 0) over (partition by units.raw_term)
            as has_whole_match,
        bool_or(matches.term is not null and units.item_no = 0) over (
            partition by units.raw_term, units.clause_no, units.phrase_no
        ) as has_phrase_match
    from units
    left join matches using ({{ unit }})
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
        where match_method <> 'WHOLE'
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
        placed.match_method,
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
