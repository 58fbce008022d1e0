-- One row per vocabulary, phrase and code that it stands for, and the centre whose own it is.
-- R1: the reviewed phrases by which landing reads free text; one without a code is recognised as too general.
with phrases as (
    select cast(null as varchar) as centre_id, vocabulary, phrase, code from {{ ref('phrases') }}
    union all
    select centre_id, vocabulary, phrase, code from {{ source('lake', 'centre_phrases') }}
),

codes as (select * from {{ ref('phrase_codes') }}),

vocabularies as (select * from {{ ref('phrase_vocabularies') }}),

explained as (
    select
        phrases.centre_id,
        phrases.vocabulary,
        vocabularies.meaning as asks_for,
        phrases.phrase,
        codes.family,
        phrases.code,
        codes.meaning,
        codes.broader_code,
        codes.outranks
    from phrases
    inner join vocabularies on phrases.vocabulary = vocabularies.vocabulary
    left join codes on phrases.vocabulary = codes.vocabulary and phrases.code = codes.code
)

select * from explained
