-- One row per R8 parameter set and event of a patient with an index date, up to the cutoff.
-- R8.2, R8.3, R8.6: relation to treatment, immune-related class and evidence, vascular flags, and of each patient and
-- term the emergent event of the highest grade (R0.7: the earliest of equals); a missing grade is no grade 0.
with emergence as (select * from {{ ref('int_ae_emergence') }}),

parameters as (
    select param_set_id, missing_causality, vascular_haemorrhage_min_grade from {{ ref('int_parameters_r8') }}
),

evidence as (
    select param_set_id, centre_id, row_key, part_no, steroid_flag, is_replaced from {{ ref('int_irae_evidence') }}
),

supported as (
    select
        emergence.*,
        coalesce(evidence.steroid_flag, 'N') as steroid_flag,
        coalesce(evidence.is_replaced, false) as is_replaced,
        case
            when emergence.causality in ('RELATED', 'POSSIBLY') then 'Y'
            when emergence.causality = 'MISSING' and parameters.missing_causality = 'related' then 'Y'
            else 'N'
        end as relfl,
        case
            when emergence.fistula_flag = 'Y' then 'Y'
            when emergence.haemorrhage_flag = 'Y'
                then
                    case
                        when emergence.grade >= parameters.vascular_haemorrhage_min_grade then 'Y'
                        when emergence.grade is null then 'U'
                        else 'N'
                    end
            else emergence.haemorrhage_flag
        end as vascular_safety_flag
    from emergence
    inner join parameters on emergence.param_set_id = parameters.param_set_id
    left join evidence
        on
            emergence.param_set_id = evidence.param_set_id
            and emergence.centre_id = evidence.centre_id
            and emergence.row_key = evidence.row_key
            and emergence.part_no = evidence.part_no
),

flagged as (
    select
        * exclude (grouped_term),
        case when is_replaced then coalesce(grouped_if_replaced, grouped_term) else grouped_term end as grouped_term,
        case when relfl = 'N' then 'N' else trtemfl end as traefl,
        case
            when term is null then 'U'
            when irae_class is null then 'N'
            when is_immune_stated then 'Y'
            when irae_needs_steroid = 'Y'
                then
                    case
                        when grade < irae_min_grade or steroid_flag = 'N' then 'N'
                        when grade is null or steroid_flag = 'U' then 'U'
                        else 'Y'
                    end
            when irae_class = 'ENDOCRINE' and is_replaced then 'Y'
            else steroid_flag
        end as irae_flag,
        certainty = 'CERTAIN' and trtemfl = 'Y' as is_counted
    from supported
),

ranked as (
    select
        *,
        row_number() over (
            partition by param_set_id, centre_id, patient_key, coalesce(term, raw_term), is_counted
            order by te_grade desc nulls last, onset_date asc, row_key asc, part_no asc
        ) as severity_no
    from flagged
),

events as (
    select
        * exclude (is_counted, severity_no),
        case when is_counted and severity_no = 1 then 'Y' else 'N' end as max_grade_flag
    from ranked
)

select * from events
