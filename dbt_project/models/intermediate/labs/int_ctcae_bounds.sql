-- One row per test, CTCAE term and unit that its bounds are stated in; no unit where bounds are multiples of a limit.
-- R8.4, R8.5: the rows of ctcae_labs as lists, each bound a multiple of a limit, of the baseline or of 1; TSH against
-- its limits is the first grade of the thyroid terms; worst_grade is the highest that numbers can give.
with listed as (select * from {{ ref('ctcae_labs') }}),

clinical_parts as (select test, ctcae_term from {{ ref('ctcae_clinical_parts') }}),

numeric_bounds as (
    select
        test, ctcae_term, direction, baseline_state, grade, lower, lower_incl, upper, upper_incl, bound_basis,
        canonical_unit, numeric_in_ctcae
    from listed
    where bound_basis in ('ABS', 'xULN', 'xBASE', 'ORDINAL')
    union all
    select
        'TSH' as test, ctcae_term, direction, baseline_state, grade,
        case lower when 'TSH>ULN' then 'ULN' end as lower, 'N' as lower_incl,
        case lower when 'TSH<LLN' then 'LLN' end as upper, 'N' as upper_incl,
        'xULN' as bound_basis, canonical_unit, numeric_in_ctcae
    from listed
    where bound_basis = 'DERIVED' and lower in ('TSH>ULN', 'TSH<LLN')
),

thresholds as (
    select
        test,
        ctcae_term,
        direction,
        case when bound_basis = 'ABS' then canonical_unit else '' end as bounds_unit,
        baseline_state,
        grade,
        numeric_in_ctcae,
        case when lower in ('ULN', 'LLN') then 1 else {{ dbt.safe_cast("rtrim(lower, '+')", 'decimal(8, 2)') }} end
            as lower_multiple,
        case when lower in ('ULN', 'LLN') then lower else ltrim(bound_basis, 'x') end as lower_reference,
        lower_incl = 'Y' as is_lower_included,
        case when upper in ('ULN', 'LLN') then 1 else {{ dbt.safe_cast("rtrim(upper, '+')", 'decimal(8, 2)') }} end
            as upper_multiple,
        case when upper in ('ULN', 'LLN') then upper else ltrim(bound_basis, 'x') end as upper_reference,
        upper_incl = 'Y' as is_upper_included
    from numeric_bounds
),

bounds as (
    select
        thresholds.test,
        thresholds.ctcae_term,
        thresholds.direction,
        thresholds.bounds_unit,
        case when max(clinical_parts.test) is null then 'N' else 'Y' end as has_clinical_part,
        min(thresholds.numeric_in_ctcae) as numeric_in_ctcae,
        max(thresholds.grade) as worst_grade,
        array_agg({
            'baseline_state': thresholds.baseline_state,
            'grade': thresholds.grade,
            'lower_multiple': cast(thresholds.lower_multiple as decimal(8, 2)),
            'lower_reference': thresholds.lower_reference,
            'is_lower_included': thresholds.is_lower_included,
            'upper_multiple': cast(thresholds.upper_multiple as decimal(8, 2)),
            'upper_reference': thresholds.upper_reference,
            'is_upper_included': thresholds.is_upper_included
        } order by thresholds.grade) as bounds
    from thresholds
    left join clinical_parts
        on thresholds.test = clinical_parts.test and thresholds.ctcae_term = clinical_parts.ctcae_term
    group by thresholds.test, thresholds.ctcae_term, thresholds.direction, thresholds.bounds_unit
)

select * from bounds
