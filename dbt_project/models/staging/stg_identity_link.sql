-- One row per pair of pseudonyms that a centre says are one person.
-- R0.1: two numbers of one person in two systems, as the centre last stated them.
with last_words as ({{ last_words('identity_link') }}),

dated as (
    select
        centre_id,
        id_a,
        id_b,
        {{ partial_date('valid_from', 'valid_from') }},
        {{ provenance() }}
    from last_words
)

select * from dated
