-- One row per centre and pseudonym that is linked to another.
-- R0.1: pseudonyms that hang together through links are one patient and share one key, also before valid_from.
with links as (select centre_id, id_a, id_b from {{ ref('stg_identity_link') }}),

both_directions as (
    select centre_id, id_a as id_from, id_b as id_to from links
    union
    select centre_id, id_b as id_from, id_a as id_to from links
),

linked_pseudonyms as (select distinct centre_id, id_from as id from both_directions),

grouped as ({{ connected_components('linked_pseudonyms', 'both_directions', 'centre_id') }}),

keyed as (
    select
        centre_id,
        id as patient_id,
        {{ patient_key('centre_id', 'representative') }} as patient_key
    from grouped
)

select * from keyed
