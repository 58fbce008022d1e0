-- One row per study, variant, patient and derived date or class.
-- R2 to R8: what was derived, the rule that made it, why, and the source row that decided.
{#- topic, rule, family, mart, item, value, reason, condition; a mart without study columns is keyed by its set #}
{%- set derived = [
    ('INDEX', 'R3.1', 'R3', 'study_cohort', "'INDEX_DATE'", 'cast(index_date as varchar)', 'index_status', 'true'),
    ('ELIGIBILITY', 'R3.2', 'R3', 'eligibility', 'criterion_id', 'status', 'reason', 'true'),
    ('LINE', 'R2.4', 'R2', 'lines_of_therapy', "'LINE ' || line_seq",
        "cast(start_date as varchar) || ' ' || regimen || coalesce(' (line ' || line_no || ')', '')",
        "advance_reason || coalesce(', ended by ' || end_reason, '')", 'true'),
    ('BASELINE', 'R3.3', 'R3', 'covariates', 'covariate', 'coalesce(level, value_text, cast(value_number as varchar))',
        "case when level is null and value_text is null and value_number is null then 'MISSING' end", 'true'),
    ('PRIOR ICI', 'R4', 'R4', 'treatment_free_intervals', "'ICI_CLASS'", 'ici_class', 'last_prior_agent', 'true'),
    ('PRIOR ICI', 'R4', 'R4', 'treatment_free_intervals', "'TREATMENT_FREE_INTERVAL'",
        "coalesce(cast(tfi_days as varchar), tfi_days_lo || ' to ' || tfi_days_hi) || ' days'",
        "'gap over 3 months ' || gap_gt_3m", 'tfi_days_hi is not null'),
    ('PRIOR ICI', 'R4', 'R4', 'treatment_free_intervals', "'CONFORMS_PROTOCOL'", 'conforms_protocol',
        "concat_ws(', ', 'progression after ' || pd_after, 'same agent ' || same_agent, 'irAE recovered ' || irae_ok)",
        'true'),
    ('RESPONSE', 'R5.4', 'R5', 'best_response', "'BOR'", 'bor', 'bor_reason', 'true'),
    ('RESPONSE', 'R5.4', 'R5', 'best_response', "'CONFIRMED_BOR'", 'confirmed_bor', 'bor_reason', 'true'),
    ('EVENT DATE', 'R6.3', 'R6', 'event_dates', "event || coalesce(' ' || nullif(component, 'ALL'), '')",
        "cast(event_date as varchar) || coalesce(' (imputed ' || nullif(event_date_flag, '') || ')', '')",
        'reason', 'event_date is not null'),
    ('ENDPOINT', 'R6.2', 'R6', 'survival_times', 'paramcd',
        "aval_days || ' days to ' || end_date || case when cnsr = 0 then ', event' else ', censored (' || cnsr || ')' end",
        'coalesce(cnsdtdsc, evntdesc)', 'true'),
    ('DOSING', 'R7.2', 'R7', 'dosing', "component || ' INITIAL_DOSE'",
        "rtrim(rtrim(cast(initial_mg as varchar), '0'), '.') || ' mg'", 'drug_keys', 'initial_mg is not null'),
    ('DOSING', 'R7.2', 'R7', 'dosing', "component || ' REDUCED'",
        "reduced || coalesce(' (' || nullif(n_reductions, 0) || ')', '')", 'reduction_reason', 'reduced is not null'),
    ('DOSING', 'R7.1', 'R7', 'dosing', "component || ' CYCLES'",
        "cycles_started || ' started, ' || cycles_completed || ' completed'", 'drug_keys', 'cycles_started is not null'),
    ('DOSING', 'R7.3', 'R7', 'dosing', "component || ' PAUSES'",
        "n_interruptions || ' interruptions, ' || n_delays || ' delays, ' || n_omissions || ' omissions'",
        "case when delay_days > 0 then delay_days || ' days late' end", 'n_delays is not null'),
    ('DOSING', 'R7.4', 'R7', 'dosing', "component || ' DOSE_INTENSITY'", "rdi_pct || '%'",
        "total_mg || ' of ' || planned_mg || ' mg' || case when is_rdi_above_max then ', ABOVE_MAX' else '' end",
        'rdi_pct is not null'),
    ('DOSING', 'R7.6', 'R7', 'disposition', "'DISPOSITION'", "reason || coalesce(' ' || stop_date, '')",
        'treatment_end', 'true'),
    ('ADVERSE EVENT', 'R8.1', 'R8', 'adverse_events', 'term',
        "coalesce('grade ' || te_grade, 'grade unknown') || coalesce(' from ' || start_date, '')",
        "concat_ws(', ', causality, 'emergent ' || trtemfl, 'related ' || traefl, 'immune-related ' || irae_flag)",
        "max_grade_flag = 'Y' and term is not null"),
    ('LABORATORY', 'R8.4', 'R8', 'laboratory_grades', "test || ' ' || ctcae_term",
        "'grade ' || grade || ' on ' || specimen_date", "concat_ws(', ', 'emergent ' || emergent_flag, reason_null)",
        "worst_flag = 'Y' and grade > 0"),
    ('BLOOD PRESSURE', 'R8.5', 'R8', 'blood_pressure_grades', "'HYPERTENSION'",
        "'grade ' || hypertension_grade", "'emergent ' || te_hypertension_flag", 'hypertension_grade > 0'),
] %}
with sets as (
    select study_id, variant, param_set_id from {{ source('protocol', 'study_param_sets') }} where rule_family = 'R2'
),

lines_of_studies as (
    select sets.study_id, sets.variant, lines.*
    from sets
    inner join {{ ref('lines_of_therapy') }} as lines on sets.param_set_id = lines.param_set_id
),

listed as (
    {%- for topic, rule, family, mart, item, value, reason, condition in derived %}
        select
            study_id,
            variant,
            centre_id,
            patient_key,
            {{ loop.index }} as topic_seq,
            '{{ topic }}' as topic,
            {{ item }} as item,
            {{ value }} as item_value,
            {{ reason }} as reason,
            '{{ rule }}' as rule,
            '{{ family }}' as rule_family,
            {{ 'srcdom' if mart == 'survival_times' else 'source_table' }} as source_table,
            source_file,
            source_row
        from {{ 'lines_of_studies' if mart == 'lines_of_therapy' else ref(mart) }}
        where {{ condition }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from listed
