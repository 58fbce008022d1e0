-- One row per included patient without an index date.
-- R3.1: a study whose criteria let a patient in without an index date has nothing to count from; its criteria need
-- index_found.
select * from {{ ref('study_cohort') }} where is_included and index_date is null
