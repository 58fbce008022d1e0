-- One row per study, variant, patient screened and criterion.
-- R3.2: the full matrix of criteria, three-valued, each with its reason and the row that decided; a patient may fail
-- several.
with sets as (
    select study_id, variant, param_set_id
    from {{ source('protocol', 'study_param_sets') }}
    where rule_family = 'R3'
),

criteria as (select * from {{ ref('int_eligibility') }}),

matrix as (
    select
        sets.study_id,
        sets.variant,
        criteria.centre_id,
        criteria.patient_key,
        criteria.criterion_id,
        criteria.criterion_seq,
        criteria.status,
        criteria.reason,
        criteria.passes,
        criteria.source_table,
        criteria.source_file,
        criteria.source_row
    from sets
    inner join criteria on sets.param_set_id = criteria.param_set_id
)

select * from matrix
