-- One row per study, variant, scope (TEAE, TRAE, IRAE) and group of events, the row of any event included.
-- R8.3: patients of the safety set, each once and at the highest grade; those whose events of the group are all
-- doubtful or cannot be placed are counted apart.
with included as (select * from {{ ref('int_included_patients') }} where rule_family = 'R8'),

windows as (
    select param_set_id, centre_id, patient_key from {{ ref('int_safety_windows') }} where is_treated
),

events as (select * from {{ ref('int_safety_events') }}),

safety_set as (select included.* from included inner join windows using (param_set_id, centre_id, patient_key)),

sizes as (
    select study_id, variant, count(*) as n_safety from safety_set group by study_id, variant
),

scoped as (
    select
        param_set_id, centre_id, patient_key, 'TEAE' as scope, grouped_term,
        certainty = 'CERTAIN' and trtemfl = 'Y' as is_sure, te_grade as grade
    from events
    where trtemfl <> 'N'
    union all
    select
        param_set_id, centre_id, patient_key, 'TRAE' as scope, grouped_term,
        certainty = 'CERTAIN' and traefl = 'Y' as is_sure, te_grade as grade
    from events
    where traefl <> 'N'
    union all
    select
        param_set_id, centre_id, patient_key, 'IRAE' as scope, irae_class as grouped_term,
        certainty = 'CERTAIN' and irae_flag = 'Y' and irae_trtemfl = 'Y' as is_sure, grade
    from events
    where irae_class is not null and irae_flag <> 'N' and irae_trtemfl <> 'N'
),

any_rows as (
    select 'TEAE' as scope, 'ANY_AE' as grouped_term
    union all
    select 'TRAE' as scope, 'ANY_TRAE' as grouped_term
    union all
    select 'IRAE' as scope, 'ANY_IRAE' as grouped_term
),

grouped as (
    select * from scoped
    union all
    select scoped.* replace (any_rows.grouped_term as grouped_term) from scoped inner join any_rows using (scope)
),

at_worst as (
    select
        safety_set.study_id,
        safety_set.variant,
        grouped.scope,
        grouped.grouped_term,
        bool_or(grouped.is_sure) as is_sure,
        max(grouped.grade) filter (where grouped.is_sure) as grade
    from safety_set
    inner join grouped using (param_set_id, centre_id, patient_key)
    group by
        safety_set.study_id, safety_set.variant, safety_set.centre_id, safety_set.patient_key,
        grouped.scope, grouped.grouped_term
),

counted as (
    select
        study_id,
        variant,
        scope,
        grouped_term,
        count(*) filter (where is_sure) as n_any,
        count(*) filter (where is_sure and grade < 3) as n_g12,
        count(*) filter (where is_sure and grade >= 3) as n_g3plus,
        count(*) filter (where is_sure and grade is null) as n_grade_unknown,
        count(*) filter (where not is_sure) as n_undetermined
    from at_worst
    group by study_id, variant, scope, grouped_term
),

expected as (
    select sizes.study_id, sizes.variant, any_rows.scope, any_rows.grouped_term from sizes cross join any_rows
    union
    select study_id, variant, scope, grouped_term from counted
),

published as (
    select
        study_id,
        variant,
        scope,
        grouped_term,
        sizes.n_safety,
        coalesce(counted.n_any, 0) as n_any,
        coalesce(counted.n_g12, 0) as n_g12,
        coalesce(counted.n_g3plus, 0) as n_g3plus,
        coalesce(counted.n_grade_unknown, 0) as n_grade_unknown,
        coalesce(counted.n_undetermined, 0) as n_undetermined,
        cast(round(cast(100 * coalesce(counted.n_any, 0) as double) / sizes.n_safety, 1) as decimal(5, 1)) as pct_any
    from expected
    inner join sizes using (study_id, variant)
    left join counted using (study_id, variant, scope, grouped_term)
)

select * from published
