-- One row per R6 parameter set and patient with a death record up to the cutoff.
-- R6.3: the death as judged, or as a reviewer decided while the evidence stands: CONFIRMED accepts its day, NOT_DEAD
-- refutes it, another day replaces it. Of two decisions on one death the later counts; to confirm a source (DQ061)
-- does not end a suspension. Every other rule takes the day of death from here.
{%- set keys = 'param_set_id, centre_id, patient_key' %}
with judged as (select * from {{ ref('int_deaths_judged') }}),

reviews as (select * from {{ ref('int_reviews_survival') }}),

decisions as (
    select
        *,
        review_reason = 'DEATH_SOURCES_CONFLICT' and decided_value = 'CONFIRMED' as confirms_source,
        {{ first_possible_day('decided_value') }} as decided_death_date
    from ({{ with_decisions('reviews') }}) as reviewed
    where decision_status = 'DECIDED'
),

ordered as (
    select
        *,
        row_number() over (
            partition by {{ keys }} order by confirms_source asc, decided_date desc nulls last, review_reason asc
        ) as decision_no
    from decisions
),

settled as (
    select
        judged.param_set_id,
        judged.centre_id,
        judged.patient_key,
        case
            when decided.decided_value = 'NOT_DEAD' then null
            else coalesce(decided.decided_death_date, judged.death_date)
        end as death_date,
        case
            when decided.decided_value = 'NOT_DEAD' or decided.decided_death_date is not null then ''
            else judged.death_date_flag
        end as death_date_flag,
        case
            when decided.item is null or decided.confirms_source then judged.death_status
            when decided.decided_value = 'NOT_DEAD' then 'NOT_DEAD'
            else 'ACCEPTED'
        end as death_status,
        judged.last_activity_date,
        case when decided.item is null then judged.death_source else 'ADJUDICATED' end as death_source,
        judged.cause_class,
        judged.has_source_conflict,
        case when decided.item is null then judged.source_table else 'adjudication' end as source_table,
        case when decided.item is null then judged.source_file else decided.decision_file end as source_file,
        case when decided.item is null then judged.source_row else decided.decision_row end as source_row
    from judged
    left join ordered as decided
        on
            judged.param_set_id = decided.param_set_id
            and judged.centre_id = decided.centre_id
            and judged.patient_key = decided.patient_key
            and decided.decision_no = 1
)

select * from settled
