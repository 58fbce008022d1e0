-- One row per parameter set of time to event.
-- R6: the parameters that events and censoring read, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R6', {
        'days_per_month': 'double',
        'tte_add_one': 'integer',
        'pfs_primary': 'varchar',
        'assess_interval_days': 'integer',
        'assess_window_days': 'integer',
        'clinical_pd_counts': 'varchar',
        'death_conflict_tolerance_days': 'integer',
        'activity_after_death_days': 'integer',
        'tte_start': 'varchar',
        'pfs_nact': 'varchar',
        'pfs_nact_censor_at': 'varchar',
        'pfs_censor_at': 'varchar',
        'pfs_nact_tie': 'varchar',
        'pd_source': 'varchar',
        'death_event': 'varchar',
        'ttnt_scope': 'varchar',
        'pfs_missed_assessments': 'varchar',
        'pfs_no_baseline': 'varchar',
        'death_cause_unknown': 'varchar',
        'registry_complete_to': 'varchar'
    }) }}
)

select * from typed
