-- One row per vocabulary (empty for all) and word that denies, doubts, plans or bounds.
-- R1: what such a word does to the phrases beside it.
select
    vocabulary,
    cue,
    kind
from {{ ref('phrase_cues') }}
