-- One row per R8 parameter set, included patient and drug that is evidence of an adverse event's grade.
-- R8.5: whether the drug was on before the index date was over, its first row after it, and the first row after it with
-- a higher dose than the row before.
with upstream as (
    select param_set_id, upstream_family, upstream_param_set_id from {{ source('protocol', 'param_set_upstream') }}
),

included as (
    select distinct param_set_id, centre_id, patient_key
    from {{ ref('int_included_patients') }}
    where rule_family = 'R8'
),

index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

evidence_drugs as (select drug_key, evidence_of, n_agents from {{ ref('evidence_drugs') }}),

doses as (
    select
        selected.*,
        evidence_drugs.evidence_of,
        evidence_drugs.n_agents
    from {{ ref('int_drug_rows_selected') }} as selected
    inner join evidence_drugs on selected.drug_key = evidence_drugs.drug_key
    where selected.is_kept and selected.source_kind <> 'RETURN'
),

taken as (
    select
        included.param_set_id,
        included.centre_id,
        included.patient_key,
        doses.drug_key,
        doses.evidence_of,
        doses.n_agents,
        doses.start_date,
        doses.start_date > index_dates.index_date as is_after_index,
        coalesce(
            doses.dose_mg > lag(doses.dose_mg) over (
                partition by included.param_set_id, included.centre_id, included.patient_key, doses.drug_key
                order by doses.start_date, doses.row_key, doses.part_no
            ),
            false
        ) as is_raised,
        doses.row_key,
        doses.source_file,
        doses.source_row
    from included
    inner join upstream as cohort_set
        on included.param_set_id = cohort_set.param_set_id and cohort_set.upstream_family = 'R3'
    inner join upstream as lines_set
        on included.param_set_id = lines_set.param_set_id and lines_set.upstream_family = 'R2'
    inner join index_dates
        on
            cohort_set.upstream_param_set_id = index_dates.param_set_id
            and included.centre_id = index_dates.centre_id
            and included.patient_key = index_dates.patient_key
    inner join doses
        on
            lines_set.upstream_param_set_id = doses.param_set_id
            and included.centre_id = doses.centre_id
            and included.patient_key = doses.patient_key
),

starts as (
    select
        param_set_id,
        centre_id,
        patient_key,
        drug_key,
        evidence_of,
        max(n_agents) as n_agents,
        bool_or(not is_after_index) as is_on_at_baseline,
        min(start_date) filter (where is_after_index) as first_date_after,
        min(start_date) filter (where is_after_index and is_raised) as raised_date,
        'drug_row' as source_table,
        {{ value_of_first('source_file', '(not is_after_index, start_date, row_key)') }} as source_file,
        {{ value_of_first('source_row', '(not is_after_index, start_date, row_key)') }} as source_row
    from taken
    group by param_set_id, centre_id, patient_key, drug_key, evidence_of
)

select * from starts
