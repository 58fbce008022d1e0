-- One row per parameter set of the lines of therapy.
-- R2: the parameters that exposure and lines read, typed; params.csv holds their defaults and reasons.
with typed as (
    {{ typed_parameters('R2', {
        'order_match_days': 'integer',
        'oral_on_days': 'integer',
        'oral_cycle_days': 'integer',
        'oral_grace_days': 'integer',
        'iv_max_interval_factor': 'integer',
        'iv_max_interval_extra': 'integer',
        'combo_window_days': 'integer',
        'line_gap_days': 'integer',
        'tbp_max_gap_days': 'integer',
        'unknown_pd_policy': 'varchar',
        'curative_to_line_months': 'integer',
        'neoadj_to_surgery_max_days': 'integer',
        'adj_start_max_days': 'integer',
        'definitive_rt_min_gy': 'integer',
        'nonpd_max_age_days': 'integer',
        'gap_exempt_drugs': 'varchar',
        'switch_maint_max_days': 'integer',
        'maintenance_drugs': 'varchar',
        'maintenance_min_cycles': 'integer',
        'crt_min_cycles': 'integer',
        'crt_margin_days': 'integer',
        'crt_systemic_share': 'decimal(5, 4)',
        'crt_body_surface_m2': 'decimal(5, 2)'
    }) }}
)

select * from typed
