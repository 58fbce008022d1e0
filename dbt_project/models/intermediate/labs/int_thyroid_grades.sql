-- One row per R8 parameter set and TSH result after the index date that lies outside its limits.
-- R8.5: a TSH above its limit is grade 1, grade 2 when levothyroxine is started or raised after the index date and
-- before the next TSH, the clinician's grade where higher; FT4 tells subclinical from overt, an earlier low TSH
-- thyroiditis.
with results as (
    select param_set_id, centre_id, patient_key, row_key, ctcae_term, direction, grade, specimen_date, index_date
    from {{ ref('int_lab_grades') }}
    where test = 'TSH' and specimen_date > index_date
),

days as (
    select
        param_set_id,
        centre_id,
        patient_key,
        specimen_date,
        lead(specimen_date) over (partition by param_set_id, centre_id, patient_key order by specimen_date)
            as next_tsh_date,
        min(case when bool_or(direction = 'L' and grade > 0) then specimen_date end) over (
            partition by param_set_id, centre_id, patient_key
        ) as first_low_date
    from results
    group by param_set_id, centre_id, patient_key, specimen_date
),

free_thyroxine as (
    select
        param_set_id,
        centre_id,
        patient_key,
        specimen_date,
        case
            when bool_or(value < lln) then 'OVERT'
            when bool_and(value between lln and uln) then 'SUBCLINICAL'
        end as thyroid_state
    from {{ ref('int_lab_cases') }}
    where test = 'FT4' and value_flag = ''
    group by param_set_id, centre_id, patient_key, specimen_date
),

replacements as (
    select
        param_set_id,
        centre_id,
        patient_key,
        case when is_on_at_baseline then raised_date else first_date_after end as replacement_date
    from {{ ref('int_evidence_drug_starts') }}
    where evidence_of = 'HYPOTHYROIDISM'
),

clinicians as (
    select centre_id, patient_key, start_lo as event_date, ctcae_grade
    from {{ ref('stg_ae') }}
    where lower(term) = 'hypothyroidism' and start_precision = 'D'
),

treated as (
    select
        results.param_set_id,
        results.row_key,
        results.ctcae_term,
        results.direction,
        results.grade,
        results.specimen_date > days.first_low_date as is_after_low,
        free_thyroxine.thyroid_state,
        coalesce(replacements.replacement_date < days.next_tsh_date, replacements.replacement_date is not null)
            as is_replaced,
        max(clinicians.ctcae_grade) as clinician_grade
    from results
    inner join days
        on
            results.param_set_id = days.param_set_id
            and results.centre_id = days.centre_id
            and results.patient_key = days.patient_key
            and results.specimen_date = days.specimen_date
    left join free_thyroxine
        on
            results.param_set_id = free_thyroxine.param_set_id
            and results.centre_id = free_thyroxine.centre_id
            and results.patient_key = free_thyroxine.patient_key
            and results.specimen_date = free_thyroxine.specimen_date
    left join replacements
        on
            results.param_set_id = replacements.param_set_id
            and results.centre_id = replacements.centre_id
            and results.patient_key = replacements.patient_key
    left join clinicians
        on
            results.centre_id = clinicians.centre_id
            and results.patient_key = clinicians.patient_key
            and results.index_date < clinicians.event_date
            and {{ open_end('days.next_tsh_date') }} > clinicians.event_date
    where results.grade > 0
    group by all
),

graded as (
    select
        param_set_id,
        row_key,
        ctcae_term,
        cast(case
            when direction = 'H' then greatest(grade + case when is_replaced then 1 else 0 end, clinician_grade)
            else grade
        end as integer) as grade,
        concat_ws(
            ',',
            case when direction = 'H' then thyroid_state end,
            case when direction = 'H' and is_replaced then 'REPLACEMENT' end,
            case when direction = 'H' and is_after_low then 'THYROIDITIS' end
        ) as grade_flags
    from treated
)

select * from graded
