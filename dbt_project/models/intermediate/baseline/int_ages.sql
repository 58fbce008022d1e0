-- One row per R3 parameter set and patient with an index date.
-- R3.2 I3, R0.5: completed calendar years at the index date, born in mid-month; sources with relative days give the
-- age at diagnosis as it is.
with index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

patients as (
    select centre_id, patient_key, birth_ym, age_at_diagnosis, calendar, source_file, source_row
    from {{ ref('stg_patient') }}
),

births as (
    select
        index_dates.*,
        patients.calendar,
        patients.age_at_diagnosis,
        {{ mid_month(first_possible_day('patients.birth_ym')) }} as birth_date,
        patients.source_file,
        patients.source_row
    from index_dates
    inner join patients
        on index_dates.centre_id = patients.centre_id and index_dates.patient_key = patients.patient_key
),

ages as (
    select
        param_set_id,
        centre_id,
        patient_key,
        cast(case
            when calendar = 'relative' or birth_date is null then age_at_diagnosis
            else
                extract(year from index_date) - extract(year from birth_date)
                - case
                    when extract(month from index_date) < extract(month from birth_date) then 1
                    when extract(month from index_date) > extract(month from birth_date) then 0
                    when extract(day from index_date) < extract(day from birth_date) then 1
                    else 0
                end
        end as integer) as age_years,
        'patient' as source_table,
        source_file,
        source_row
    from births
)

select * from ages
