-- One row per condition on histology, patient and pathology report.
-- R3.2 I1, E1: whether the report's site and morphology are among the codes that the condition names; NULL where the
-- report does not say.
{{ config(materialized='view') }}

with asked as (
    select * from {{ ref('int_conditions_asked') }} where condition_type in ('pathology', 'no_pathology')
),

reports as (select * from {{ ref('int_invasive_pathology') }}),

codes as (select * from {{ source('protocol', 'condition_codes') }}),

joined as (
    select
        asked.*,
        reports.path_lo,
        reports.path_hi,
        reports.site_icdo,
        reports.icdo_morphology,
        reports.is_behaviour_missing,
        coalesce(reports.text_flag_mixed, 'N') = 'Y' as is_mixed,
        reports.row_key,
        reports.source_file,
        reports.source_row
    from asked
    inner join reports on asked.centre_id = reports.centre_id and asked.patient_key = reports.patient_key
),

matches as (
    select
        joined.param_set_id,
        joined.criterion_id,
        joined.condition_no,
        joined.centre_id,
        joined.row_key,
        bool_or(codes.role = 'site') as is_site_asked,
        bool_or(codes.role = 'site' and joined.site_icdo like codes.code_from || '%') as is_site_hit,
        bool_or(codes.role = 'morphology') as is_morphology_asked,
        bool_or(
            codes.role = 'morphology' and joined.icdo_morphology between codes.code_from and codes.code_to
        ) as is_morphology_hit,
        bool_or(
            codes.role = 'uncertain_morphology'
            and joined.icdo_morphology between codes.code_from and codes.code_to
        ) as is_uncertain_hit
    from joined
    inner join codes
        on
            joined.param_set_id = codes.param_set_id
            and joined.criterion_id = codes.criterion_id
            and joined.condition_no = codes.condition_no
    group by joined.param_set_id, joined.criterion_id, joined.condition_no, joined.centre_id, joined.row_key
),

compared as (
    select
        joined.*,
        case
            when not coalesce(matches.is_site_asked, false) then true
            when joined.site_icdo is not null then matches.is_site_hit
        end as site_fits,
        case
            when not coalesce(matches.is_morphology_asked, false) then true
            when joined.icdo_morphology is not null then matches.is_morphology_hit
        end as morphology_fits,
        coalesce(matches.is_uncertain_hit, false) as is_morphology_uncertain
    from joined
    left join matches
        on
            joined.param_set_id = matches.param_set_id
            and joined.criterion_id = matches.criterion_id
            and joined.condition_no = matches.condition_no
            and joined.centre_id = matches.centre_id
            and joined.row_key = matches.row_key
)

select * from compared
