-- One row per R8 parameter set, laboratory result and CTCAE term of its test; one without a term where it has none.
-- R8.4: grades from worst to mildest in decimals, in the unit that the bounds are stated in; a high baseline is judged
-- by its own visit's limit; what cannot be graded has no grade and the reason.
with cases as (
    select
        * exclude (value, unit, uln, lln, base, base_unit),
        value as given_value,
        unit as given_unit,
        uln as given_uln,
        lln as given_lln,
        base as given_base,
        base_unit as given_base_unit
    from {{ ref('int_lab_cases') }}
),

factors as (select test, unit, canonical_unit, factor from {{ ref('lab_unit_factors') }}),

bounds as (select * from {{ ref('int_ctcae_bounds') }}),

terms as (
    select
        test, ctcae_term, direction, has_clinical_part, numeric_in_ctcae, max(bounds_unit) as bounds_unit
    from bounds
    group by test, ctcae_term, direction, has_clinical_part, numeric_in_ctcae
),

converted as (
    select
        cases.*,
        cases.given_value * coalesce(factors.factor, cast(1 as decimal(10, 4))) as value,
        cases.given_uln * coalesce(factors.factor, cast(1 as decimal(10, 4))) as uln,
        cases.given_lln * coalesce(factors.factor, cast(1 as decimal(10, 4))) as lln,
        coalesce(factors.canonical_unit, cases.given_unit) as unit,
        case
            when factors.canonical_unit = base_factors.canonical_unit then cases.given_base * base_factors.factor
            when coalesce(cases.given_unit, '') = coalesce(cases.given_base_unit, '') then cases.given_base
        end as base,
        cases.given_base is null as is_base_missing,
        case
            when cases.given_base is null or cases.given_base <= cases.base_uln then 'NORMAL_OR_LOW'
            when cases.given_base > cases.base_uln then 'HIGH'
        end as baseline_state
    from cases
    left join factors on cases.test = factors.test and cases.given_unit = factors.unit
    left join factors as base_factors on cases.test = base_factors.test and cases.given_base_unit = base_factors.unit
),

bounded as (
    select
        converted.*,
        terms.ctcae_term,
        terms.direction,
        terms.has_clinical_part,
        terms.numeric_in_ctcae,
        bounds.bounds,
        bounds.worst_grade
    from converted
    left join terms on converted.test = terms.test
    left join bounds
        on
            terms.test = bounds.test
            and terms.ctcae_term = bounds.ctcae_term
            and bounds.bounds_unit = case when terms.bounds_unit = '' then '' else converted.unit end
),

reached as (
    select
        *,
        {{ grades_reached('bounds', "coalesce(bounded.baseline_state, 'NORMAL_OR_LOW')") }} as grades,
        case when bounded.baseline_state is null then {{ grades_reached('bounds', "'HIGH'") }} end as grades_if_high
    from bounded
),

judged as (
    select
        * exclude (grades, grades_if_high, bounds),
        {{ worst_reached('grades') }} as nearest_grade,
        case when baseline_state is null then {{ worst_reached('grades_if_high') }} end as grade_if_high,
        bounds is null as is_unit_refused
    from reached
),

chosen as (
    select
        * exclude (nearest_grade, grade_if_high),
        baseline_state is null
        and coalesce(nearest_grade <> grade_if_high, coalesce(nearest_grade, grade_if_high) is not null)
            as is_state_needed,
        case
            when baseline_state is not null or nearest_grade = grade_if_high then nearest_grade
        end as nearest_grade,
        case when (value_flag = 'L') = (direction = 'L') then worst_grade else 0 end as certain_grade
    from judged
),

graded as (
    select
        * exclude (nearest_grade, certain_grade, worst_grade, is_state_needed, is_unit_refused),
        cast(case
            when specimen_date is not null and (value_flag = '' or nearest_grade = certain_grade) then nearest_grade
        end as integer) as grade,
        case
            when value_reason is not null then value_reason
            when ctcae_term is null then 'NO_NUMERIC_RULE'
            when specimen_date is null then 'DATE_IMPRECISE'
            when is_unit_refused and unit is null then 'UNIT_BLANK'
            when is_unit_refused then 'UNIT_UNKNOWN'
            when nearest_grade is null and direction = 'H' and uln is null then 'ULN_MISSING'
            when is_state_needed then 'BASELINE_ULN_MISSING'
            when nearest_grade is null and direction = 'H' then 'BASELINE_UNIT_DIFFERS'
            when nearest_grade is null then 'LLN_MISSING'
            when value_flag <> '' and nearest_grade <> certain_grade then 'VALUE_CENSORED'
        end as reason_null
    from chosen
)

select * from graded
