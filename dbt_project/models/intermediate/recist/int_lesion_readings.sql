-- One row per RS parameter set and lesion row that is dated and known at the cutoff.
-- R5.1, R5.2: a lesion's value in millimetres, its non-target state, and whether it is seen as new; fragments of a
-- split lesion bear the number of the lesion that they came from.
with parameters as (select param_set_id, tp_window_days, tstm_mm from {{ ref('int_parameters_rs') }}),

cutoffs as (select param_set_id, centre_id, data_cutoff from {{ ref('int_cutoffs') }} where rule_family = 'RS'),

organs as (select * from {{ ref('lesion_organs') }}),

scan_days as (
    select
        centre_id,
        patient_key,
        scan_lo as scan_date,
        coalesce(bool_and(modality = 'PET'), false) as is_pet_only,
        min(slice_mm) as slice_mm
    from {{ ref('stg_scan') }}
    where scan_precision = 'D'
    group by centre_id, patient_key, scan_lo
),

lesions as (
    select
        *,
        nullif({{ folded_label('tp') }}, '') as tp_label,
        case when scan_precision = 'D' then scan_lo end as recorded_date,
        coalesce(role, min(role) over (partition by centre_id, patient_key, reader, lesion_id)) as known_role,
        coalesce(status, case when mm = 0 then 'ABSENT' when mm > 0 then 'MEASURED' end) as known_status
    from {{ ref('stg_lesion') }}
),

labelled_days as (
    select centre_id, patient_key, reader, tp_label, recorded_date
    from lesions
    where recorded_date is not null and tp_label is not null
    union
    select centre_id, patient_key, reader, {{ folded_label('tp') }} as tp_label, response_lo as recorded_date
    from {{ ref('stg_response') }}
    where response_precision = 'D' and tp is not null
),

label_dates as (
    select
        centre_id, patient_key, reader, tp_label,
        min(recorded_date) as first_date,
        max(recorded_date) as last_date
    from labelled_days
    group by centre_id, patient_key, reader, tp_label
),

described as (
    select
        parameters.param_set_id,
        lesions.centre_id,
        lesions.patient_key,
        lesions.reader,
        lesions.lesion_id as recorded_lesion_id,
        {{ fragment_parent('lesions.lesion_id') }} as parent_id,
        coalesce(
            lesions.known_role,
            case when lesions.nt_status is not null then 'NONTARGET' when lesions.certainty is not null then 'NEW' end,
            'TARGET'
        ) as role,
        coalesce(organs.counted_as, lesions.organ) as counted_organ,
        coalesce(lesions.is_node, organs.is_node, 'N') = 'Y' as is_node,
        coalesce(organs.is_measurable, 'Y') = 'Y' as is_measurable_organ,
        coalesce(lesions.irradiated, 'N') = 'Y' as is_irradiated,
        lesions.tp_label,
        coalesce(
            lesions.recorded_date,
            case
                when label_dates.last_date <= {{ days_after('label_dates.first_date', 'parameters.tp_window_days') }}
                    then label_dates.last_date
            end
        ) as scan_date,
        case lesions.known_status
            when 'TSTM' then parameters.tstm_mm
            when 'ABSENT' then 0
            when 'ABSENT_MERGED' then 0
            when 'MEASURED' then case when lesions.mm > 0 then lesions.mm end
        end as value_mm,
        lesions.known_status,
        lesions.nt_status,
        coalesce(lesions.certainty = 'EQUIVOCAL', false) as is_equivocal,
        lesions.row_key,
        lesions.source_file,
        lesions.source_row
    from lesions
    cross join parameters
    left join organs on lesions.organ = organs.organ
    left join label_dates
        on
            lesions.centre_id = label_dates.centre_id
            and lesions.patient_key = label_dates.patient_key
            and lesions.reader = label_dates.reader
            and lesions.tp_label = label_dates.tp_label
),

known as (
    select
        described.*,
        coalesce(scan_days.is_pet_only, false) as is_pet_only,
        scan_days.slice_mm
    from described
    inner join cutoffs
        on described.param_set_id = cutoffs.param_set_id and described.centre_id = cutoffs.centre_id
    left join scan_days
        on
            described.centre_id = scan_days.centre_id
            and described.patient_key = scan_days.patient_key
            and described.scan_date = scan_days.scan_date
    where described.scan_date is not null and {{ by_cutoff('described.scan_date', 'cutoffs.data_cutoff') }}
)

select * from known
