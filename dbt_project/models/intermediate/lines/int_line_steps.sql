-- One row per R2 parameter set, patient and day on which episodes begin, with the line as it stands after that day.
-- R2.4: the line state machine; each episode meets the table's rows in order, one that opens a line opens it for all.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key'] %}
{%- set in_line = 'episode.drug_last_dose_date >= so_far.line_start_date' %}
{%- set verdict %}
    case
        when so_far.is_curative and coalesce(item.start_date < item.advanced_date, true)
            then {{ same_line('CURATIVE_COURSE') }}
        when so_far.is_curative and {{ in_line }} then {{ new_line('AFTER_CURATIVE_RESTART') }}
        when so_far.is_curative then {{ new_line('AFTER_CURATIVE') }}
        when {{ in_line }} and has_progressed and gap_days <= item.tbp_max_gap_days then {{ same_line('TBP') }}
        when {{ in_line }} and has_progressed then {{ new_line('PD_RESTART') }}
        when {{ in_line }} and gap_days <= item.line_gap_days then {{ same_line('CONTINUED') }}
        when {{ in_line }} and item.last_nonpd_date > so_far.last_dose_date then {{ same_line('HOLIDAY') }}
        when {{ in_line }} and episode.is_gap_exempt then {{ same_line('CONTINUED') }}
        when {{ in_line }} then {{ new_line('GAP_RESTART') }}
        when has_progressed then {{ new_line('PD') }}
        when gap_days > item.line_gap_days and not episode.is_gap_exempt then {{ new_line('GAP') }}
        when {{ days_between('so_far.line_start_date', 'item.start_date') }} <= item.combo_window_days
            then {{ same_line('COMBINATION') }}
        when episode.ingredient_last_dose_date >= so_far.line_start_date then {{ same_line('FORMULATION') }}
        when episode.group_last_dose_date >= so_far.line_start_date then {{ same_line('SUBST') }}
        when episode.is_planned_maintenance then {{ same_line('PLANNED_MAINTENANCE') }}
        when
            episode.is_listed_maintenance
            and {{ days_after('so_far.last_dose_date', 'item.switch_maint_max_days') }} >= item.start_date
            then {{ same_line('PLANNED_MAINTENANCE') }}
        when has_recent_nonpd then {{ same_line('ADD_NONPD') }}
        when item.unknown_pd_policy = 'SAME' then {{ same_line('ADD_PD_UNKNOWN') }}
        else {{ new_line('NEW_DRUG_PD_UNKNOWN') }}
    end
{%- endset %}
with recursive parameters as (select * from {{ ref('int_parameters_r2') }}),

days as (
    select
        line_days.*,
        parameters.combo_window_days,
        parameters.line_gap_days,
        parameters.tbp_max_gap_days,
        parameters.nonpd_max_age_days,
        parameters.switch_maint_max_days,
        parameters.unknown_pd_policy
    from {{ ref('int_line_days') }} as line_days
    inner join parameters on line_days.param_set_id = parameters.param_set_id
),

steps as (
    {{ fold_in_order(
        name='steps',
        rows='days',
        keys=keys,
        position='day_no',
        facts={
            'has_progressed': 'coalesce(item.last_progression_date > so_far.line_start_date, false)',
            'has_recent_nonpd': 'coalesce(item.last_nonpd_date > so_far.line_start_date and '
                ~ days_after('item.last_nonpd_date', 'item.nonpd_max_age_days') ~ ' >= item.start_date, false)',
            'gap_days': days_between('so_far.cover_end_date', 'item.start_date') ~ ' - 1',
            'judged': each_of(
                'item.episodes', 'episode', "{'episode_id': episode.episode_id, 'verdict': " ~ verdict ~ "}"
            ),
            'is_opened': any_of('judged', 'one', opens_line('one.verdict')),
        },
        states={
            'start_date': ['item.start_date', 'item.start_date'],
            'line_start_date': [
                'item.start_date', 'case when is_opened then item.start_date else so_far.line_start_date end',
            ],
            'cover_end_date': [
                'item.covered_through_date',
                'greatest(item.covered_through_date, case when is_opened then item.running_covered_date '
                    ~ 'else so_far.cover_end_date end)',
            ],
            'last_dose_date': [
                'item.last_dose_date',
                'greatest(item.last_dose_date, case when is_opened then item.running_last_dose_date '
                    ~ 'else so_far.last_dose_date end)',
            ],
            'is_curative': [
                'item.is_curative', 'item.is_curative or (so_far.is_curative and not is_opened)',
            ],
            'verdicts': [
                each_of(
                    'item.episodes', 'episode',
                    "{'episode_id': episode.episode_id, 'verdict': " ~ new_line('FIRST') ~ "}"
                ),
                'judged',
            ],
        },
    ) }}
)

select * from steps
