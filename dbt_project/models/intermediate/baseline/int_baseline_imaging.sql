-- One row per R3 parameter set and patient imaged at baseline.
-- R3.3: the latest scan or reading inside the imaging window up to the index date, never after it; older than RECIST
-- asks for, it is LATE.
with index_dates as (
    select param_set_id, centre_id, patient_key, index_date from {{ ref('int_index') }} where index_date is not null
),

parameters as (select param_set_id, bl_imaging_before, bl_imaging_late_after from {{ ref('int_parameters_r3') }}),

images as (
    select centre_id, patient_key, scan_lo as image_date from {{ ref('stg_scan') }} where scan_precision = 'D'
    union all
    select centre_id, patient_key, response_lo as image_date
    from {{ ref('stg_response') }}
    where response_precision = 'D'
    union all
    select centre_id, patient_key, scan_lo as image_date from {{ ref('stg_lesion') }} where scan_precision = 'D'
),

baseline as (
    select
        index_dates.param_set_id,
        index_dates.centre_id,
        index_dates.patient_key,
        index_dates.index_date,
        parameters.bl_imaging_late_after,
        max(images.image_date) as image_date
    from index_dates
    inner join parameters on index_dates.param_set_id = parameters.param_set_id
    inner join images
        on
            index_dates.centre_id = images.centre_id
            and index_dates.patient_key = images.patient_key
            and index_dates.index_date >= images.image_date
            and {{ days_after('index_dates.index_date', '-parameters.bl_imaging_before') }} <= images.image_date
    group by all
)

select
    param_set_id,
    centre_id,
    patient_key,
    image_date,
    case
        when image_date < {{ days_after('index_date', '-bl_imaging_late_after') }} then 'LATE' else ''
    end as image_flag
from baseline
