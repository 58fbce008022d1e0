-- One row per adverse event row and event that it names.
-- R8.2, R8.3, R0.7: the term that the source codes, else each event of its text; causality as a whole value; of two
-- grades the worse, but a grade beside one event of a list is that event's own.
with events as (select * from {{ ref('stg_ae') }}),

patterns as (select written_characters, folded_characters from {{ ref('int_drug_name_patterns') }}),

keys as (select * from {{ ref('int_ae_term_keys') }}),

text_events as (select *, count(*) over (partition by raw_term) as n_parts from {{ ref('int_ae_text_events') }}),

terms as (select * from {{ ref('ae_terms') }}),

causalities as (
    select
        {{ lookup_key(canonical_text('listed.causality_text')) }} as causality_key,
        min(listed.causality) as causality,
        max(listed.is_immune_stated) as is_immune_stated
    from {{ ref('ae_causality') }} as listed
    cross join patterns
    group by {{ lookup_key(canonical_text('listed.causality_text')) }}
),

keyed as (
    select
        events.*,
        nullif(trim(events.term), '') as stated_term,
        {{ term_key(canonical_text('events.term')) }} as term_key,
        nullif({{ lookup_key(canonical_text('events.causality_text')) }}, '') as causality_key
    from events
    cross join patterns
),

coded as (
    select
        keyed.*,
        keys.term as coded_term,
        coalesce(keys.is_immune_stated = 'Y', false) as is_coded_immune,
        causalities.causality,
        coalesce(causalities.is_immune_stated = 'Y', false) as is_causality_immune
    from keyed
    left join keys on keyed.term_key = keys.term_key
    left join causalities on keyed.causality_key = causalities.causality_key
),

parted as (
    select
        coded.*,
        coalesce(text_events.part_no, 1) as part_no,
        case
            when coded.coded_term is not null then coded.coded_term
            when text_events.term is null and coalesce(text_events.n_parts, 1) = 1 then coded.stated_term
            else text_events.term
        end as event_term,
        case
            when coded.coded_term is not null then 'CODED'
            when text_events.term is null and coalesce(text_events.n_parts, 1) = 1 and coded.stated_term is not null
                then 'AS_CODED'
            else coalesce(text_events.match_method, 'NONE')
        end as match_method,
        case
            when coded.stated_term is null then coalesce(text_events.certainty, 'CERTAIN')
            when text_events.n_parts > 1 then 'CERTAIN'
            when text_events.certainty = 'NONE' then 'UNCERTAIN'
            when text_events.term is null and text_events.match_method = 'NONE' then 'CERTAIN'
            else coalesce(text_events.certainty, 'CERTAIN')
        end as certainty,
        coalesce(text_events.is_immune_stated, false) or coded.is_coded_immune or coded.is_causality_immune
            as is_immune_stated,
        text_events.text_grade,
        coalesce(text_events.is_list_grade, false) as is_list_grade,
        coded.coded_term is null and coalesce(text_events.n_parts, 1) > 1 as is_listed
    from coded
    left join text_events on coded.raw_term = text_events.raw_term
    where coded.coded_term is null or coalesce(text_events.part_no, 1) = 1
),

described as (
    select
        parted.centre_id,
        parted.patient_key,
        parted.part_no,
        parted.raw_term,
        parted.event_term as term,
        terms.soc,
        parted.match_method,
        parted.certainty,
        coalesce(terms.grouped_term, parted.event_term, 'UNRESOLVED') as grouped_term,
        terms.grouped_if_replaced, terms.irae_class, terms.irae_min_grade, terms.irae_needs_steroid,
        terms.replacement_drug,
        coalesce(terms.is_haemorrhage, 'U') as haemorrhage_flag,
        coalesce(terms.is_fistula, 'U') as fistula_flag,
        parted.is_immune_stated,
        cast(
            case
                when parted.is_listed and not parted.is_list_grade then coalesce(parted.text_grade, parted.ctcae_grade)
                else greatest(parted.ctcae_grade, parted.text_grade)
            end as integer
        ) as grade,
        parted.ctcae_grade <> parted.text_grade and not parted.is_listed as is_grade_conflict,
        parted.is_list_grade and parted.ctcae_grade is null as is_list_grade,
        parted.causality_text,
        coalesce(parted.causality, 'MISSING') as causality,
        parted.causality is null and parted.causality_key is not null as is_causality_unknown,
        parted.start_lo, parted.start_hi, parted.start_precision,
        parted.end_lo, parted.end_hi, parted.end_precision,
        parted.grade_at_lo, parted.grade_at_hi, parted.grade_at_precision,
        coalesce(parted.endocrine_on_replacement, 'N') as endocrine_on_replacement,
        {{ dbt.hash(
            "concat_ws('|', parted.row_key, parted.raw_term, parted.stated_term, parted.ctcae_grade, parted.causality_text,
            parted.start_lo, parted.start_hi, parted.end_lo, parted.end_hi, parted.grade_at_lo)"
        ) }} as content_hash,
        parted.row_key, parted.source_file, parted.source_row
    from parted
    left join terms on parted.event_term = terms.term
    where parted.certainty <> 'NONE'
)

select * from described
