-- One row per RS parameter set, patient, reader, time point and lesion.
-- R5.1, R5.2: fragments of a day add up, of several days the last with a value counts; the day that first shows non-
-- target progression or a new lesion, and the last on which the lesion could be evaluated.
{%- set reader = ['param_set_id', 'centre_id', 'patient_key', 'reader'] %}
{%- set lesion = (reader + ['tp_no', 'lesion_id']) | join(', ') %}
with parameters as (select param_set_id, node_normal_mm from {{ ref('int_parameters_rs') }}),

readings as (
    select
        readings.*,
        days.tp_no,
        case
            when readings.nt_status is not null then readings.nt_status
            when readings.value_mm = 0 and readings.known_status = 'ABSENT' then 'CR'
            when readings.is_node and readings.value_mm < parameters.node_normal_mm then 'CR'
            when readings.value_mm is not null then 'NONCR'
            else 'NE'
        end as nontarget_state,
        readings.role = 'NEW'
        and coalesce(readings.known_status not in ('ABSENT', 'ABSENT_MERGED', 'NE'), true) as is_seen_as_new
    from {{ ref('int_lesion_readings') }} as readings
    inner join parameters on readings.param_set_id = parameters.param_set_id
    inner join {{ ref('int_reading_days') }} as days
        on
            {{ same('readings', 'days', reader) }}
            and readings.scan_date = days.scan_date
            and readings.tp_label is not distinct from days.row_label
),

first_seen as (
    select {{ reader | join(', ') }}, recorded_lesion_id, min(tp_no) as first_no
    from readings
    where role = 'TARGET'
    group by {{ reader | join(', ') }}, recorded_lesion_id
),

fragments as (
    select fragments.*, wholes.recorded_lesion_id as whole_lesion_id
    from (
        select distinct {{ reader | join(', ') }}, recorded_lesion_id, parent_id
        from readings
        where parent_id is not null
    ) as named
    inner join first_seen as fragments
        on
            {{ same('named', 'fragments', reader) }}
            and named.recorded_lesion_id = fragments.recorded_lesion_id
    inner join first_seen as wholes
        on
            {{ same('named', 'wholes', reader) }}
            and named.parent_id = wholes.recorded_lesion_id
            and fragments.first_no > wholes.first_no
),

whole as (
    select readings.*, coalesce(fragments.whole_lesion_id, readings.recorded_lesion_id) as lesion_id
    from readings
    left join fragments
        on
            {{ same('readings', 'fragments', reader) }}
            and readings.recorded_lesion_id = fragments.recorded_lesion_id
),

daily as (
    select
        {{ lesion }},
        scan_date,
        max(role) as role,
        max(counted_organ) as counted_organ,
        bool_or(is_node) as is_node,
        bool_and(is_measurable_organ) as is_measurable_organ,
        bool_or(is_irradiated) as is_irradiated,
        min(slice_mm) as slice_mm,
        count(*) as n_fragments,
        case when count(*) = count(value_mm) then cast(sum(value_mm) as decimal(18, 4)) end as value_mm,
        bool_or(role <> 'NEW' and nontarget_state = 'PD') as is_nontarget_pd,
        bool_or(case role
            when 'TARGET' then value_mm is not null
            when 'NEW' then coalesce(known_status <> 'NE', true)
            else nontarget_state <> 'NE'
        end) as is_evaluated,
        {{ value_of_first('nontarget_state', "position(nontarget_state in 'PD NE NONCR CR')") }} as nontarget_state,
        bool_or(is_seen_as_new) as is_new,
        bool_or(is_seen_as_new and not is_equivocal and not is_pet_only) as is_unequivocal,
        bool_or(is_seen_as_new and not is_equivocal and is_pet_only) as is_unequivocal_on_pet,
        {{ value_of_first('row_key', 'row_key') }} as row_key
    from whole
    group by {{ lesion }}, scan_date
),

lesion_values as (
    select
        {{ lesion }},
        max(role) as role,
        max(counted_organ) as counted_organ,
        bool_or(is_node) as is_node,
        bool_and(is_measurable_organ) as is_measurable_organ,
        bool_or(is_irradiated) as is_irradiated,
        min(slice_mm) as slice_mm,
        max(n_fragments) as n_fragments,
        max(scan_date) as last_date,
        max(case when is_evaluated then scan_date end) as evaluated_date,
        {{ value_of_last('value_mm', 'scan_date') }} as value_mm,
        case when bool_or(is_nontarget_pd) then 'PD' else {{ value_of_last('nontarget_state', 'scan_date') }} end
            as nontarget_state,
        min(case when is_nontarget_pd then scan_date end) as nontarget_pd_date,
        min(case when is_new then scan_date end) as new_date,
        bool_or(is_unequivocal) as is_unequivocal,
        bool_or(is_unequivocal_on_pet) as is_unequivocal_on_pet,
        {{ value_of_first('case when is_nontarget_pd or is_new then row_key end', 'scan_date') }} as sign_row_key,
        {{ value_of_last('row_key', 'scan_date') }} as row_key
    from daily
    group by {{ lesion }}
)

select * from lesion_values
