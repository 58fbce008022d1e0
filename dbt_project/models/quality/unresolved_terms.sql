-- One row per vocabulary, centre and text that the vocabulary does not know.
-- R8.2, R8.3, R1.10: how often it occurs and the nearest terms; a long text, or one with a long number, may point at a
-- person and is shown by its hash only.
with events as (select * from {{ ref('int_adverse_events') }}),

keys as (select * from {{ ref('int_ae_term_keys') }}),

patterns as (select written_characters, folded_characters from {{ ref('int_drug_name_patterns') }}),

unknown as (
    select 'AE_TERM' as vocabulary, centre_id, patient_key, row_key, coalesce(term, raw_term) as unknown_text
    from events
    where term is null or match_method = 'AS_CODED'
    union all
    select 'AE_CAUSALITY' as vocabulary, centre_id, patient_key, row_key, causality_text as unknown_text
    from events
    where is_causality_unknown
),

counted as (
    select
        vocabulary,
        centre_id,
        unknown_text,
        count(distinct row_key) as n_rows,
        count(distinct patient_key) as n_patients
    from unknown
    group by vocabulary, centre_id, unknown_text
),

texts as (
    select distinct unknown.unknown_text, {{ term_key(canonical_text('unknown.unknown_text')) }} as text_key
    from unknown
    cross join patterns
    where unknown.vocabulary = 'AE_TERM'
),

near as (
    select
        texts.unknown_text,
        keys.term,
        max(case when contains(texts.text_key, keys.term_key) then length(keys.term_key) else 0 end) as n_contained,
        min({{ character_edits('texts.text_key', 'keys.term_key') }}) as n_edits
    from texts
    cross join keys
    group by texts.unknown_text, texts.text_key, keys.term
    having n_contained > 0 or n_edits < length(texts.text_key)
),

ranked as (
    select
        unknown_text,
        term,
        row_number() over (partition by unknown_text order by n_contained desc, n_edits asc, term asc) as candidate_no
    from near
),

candidates as (
    select 'AE_TERM' as vocabulary, unknown_text, string_agg(term, ' | ' order by candidate_no) as candidates
    from ranked
    where candidate_no <= 3
    group by unknown_text
),

listed as (
    select
        counted.vocabulary,
        counted.centre_id,
        {{ dbt.hash("counted.unknown_text") }} as text_hash,
        case
            when
                regexp_matches(counted.unknown_text, '^.{1,40}$')
                and not regexp_matches(counted.unknown_text, '[0-9]{4}')
                then counted.unknown_text
        end as unknown_text,
        counted.n_rows,
        counted.n_patients,
        candidates.candidates
    from counted
    left join candidates
        on counted.vocabulary = candidates.vocabulary and counted.unknown_text = candidates.unknown_text
)

select * from listed
