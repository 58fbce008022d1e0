-- One row per R3 parameter set, patient and day of assessment after the index date.
-- R5.3: the assessments of the one source that counts for the patient.
{{ config(materialized='view') }}

with chosen as (select * from {{ ref('int_reader_assessments') }} where choice_no = 1)

select * from chosen
