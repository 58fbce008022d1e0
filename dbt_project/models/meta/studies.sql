-- One row per study.
-- R0.4: the studies of this release, their cutoff, and the protocol that made them.
with studies as (
    select study_id, title, description, cutoff_rule, cutoff_date, protocol_toml
    from {{ source('protocol', 'studies') }}
)

select * from studies
