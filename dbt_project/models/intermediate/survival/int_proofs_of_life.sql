-- One row per R6 parameter set, patient and day that proves the patient alive.
-- R6.3, R0.4: visits, specimens, administrations, imaging, calls, a progression and the index date itself; who is in no
-- death record lived as long as the registry is complete; a proof after the cutoff proves life at the cutoff.
with followed as (select * from {{ ref('int_followed_patients') }}),

record_days as (select * from {{ ref('int_record_days') }} where proves_life),

progressions as (select * from {{ ref('int_progressions') }}),

registries as (
    select
        parameters.param_set_id,
        centres.centre_id,
        cast(
            case
                when parameters.registry_complete_to not like '%=%' then parameters.registry_complete_to
                else nullif(
                    regexp_extract(
                        parameters.registry_complete_to, '(?:^|;) *' || centres.centre_id || ' *= *([0-9-]+)', 1
                    ), ''
                )
            end as date
        ) as complete_to
    from {{ ref('int_parameters_r6') }} as parameters
    cross join {{ source('lake', 'centres') }} as centres
    where centres.calendar <> 'relative'
),

deaths as (
    select centre_id, patient_key, min(date_lo) as first_date, bool_or(date_lo is null) as has_undated
    from {{ ref('stg_death') }}
    group by centre_id, patient_key
),

proofs as (
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        {{ cut_at('record_days.record_date', 'followed.data_cutoff') }} as alive_date,
        record_days.source_table,
        record_days.source_file,
        record_days.source_row
    from followed
    inner join record_days
        on followed.centre_id = record_days.centre_id and followed.patient_key = record_days.patient_key
    union all
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        progressions.progression_date as alive_date,
        progressions.source_table,
        progressions.source_file,
        progressions.source_row
    from followed
    inner join progressions
        on
            followed.stream_param_set_id = progressions.param_set_id
            and followed.centre_id = progressions.centre_id
            and followed.patient_key = progressions.patient_key
    union all
    select param_set_id, centre_id, patient_key, index_date as alive_date, source_table, source_file, source_row
    from followed
    union all
    select
        followed.param_set_id,
        followed.centre_id,
        followed.patient_key,
        {{ cut_at('registries.complete_to', 'followed.data_cutoff') }} as alive_date,
        cast(null as varchar) as source_table,
        cast(null as varchar) as source_file,
        cast(null as bigint) as source_row
    from followed
    inner join registries
        on followed.param_set_id = registries.param_set_id and followed.centre_id = registries.centre_id
    left join deaths on followed.centre_id = deaths.centre_id and followed.patient_key = deaths.patient_key
    where
        registries.complete_to is not null
        and coalesce(not deaths.has_undated and deaths.first_date > registries.complete_to, deaths.patient_key is null)
),

numbered as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, alive_date
            order by source_table nulls last, source_file nulls last, source_row nulls last
        ) as proof_number
    from proofs
)

select param_set_id, centre_id, patient_key, alive_date, source_table, source_file, source_row
from numbered
where proof_number = 1
