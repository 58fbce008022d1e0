-- One row per study, included subject, parameter, evaluator and analysis date.
-- CDISC ADaM ADRS of each study's primary variant: overall response of every source (OVRLRESP, ANL01FL marks what
-- counts for best response); of the source that counts BOR, CBOR, RSP, CRSP, CB and PD.
{%- set patient = ['centre_id', 'patient_key'] %}
with included as (
    select * from {{ ref('int_included_patients') }} where variant = 'primary' and rule_family = 'R5'
),

depths as (select * from {{ ref('int_depths_of_response') }}),

best as (select * from {{ ref('best_response') }} where variant = 'primary'),

parameters as (
    select listed.paramcd, listed.param
    from (
        values
        ('BOR', 'Best overall response'),
        ('CBOR', 'Confirmed best overall response'),
        ('RSP', 'Response'),
        ('CRSP', 'Confirmed response'),
        ('CB', 'Clinical benefit'),
        ('PD', 'Disease progression')
    ) as listed (paramcd, param)
),

overall as (
    select
        included.study_id,
        {{ columns_of('found', patient) }},
        'OVRLRESP' as paramcd,
        'Overall response' as param,
        case when found.reader like '%IND' then 'INDEPENDENT ASSESSOR' else 'INVESTIGATOR' end as rseval,
        found.reader_used = 'DERIVED' as is_derived,
        found.response as avalc,
        found.response_date as adt,
        found.choice_no = 1 and coalesce(found.response_date <= depths.window_end_date, true) as is_analysed,
        depths.baseline_flag,
        found.source_table,
        found.source_file,
        found.source_row
    from included
    inner join depths
        on
            included.param_set_id = depths.param_set_id
            and {{ same('included', 'depths', patient) }}
    inner join {{ ref('int_reader_assessments') }} as found
        on
            depths.cohort_param_set_id = found.param_set_id
            and {{ same('depths', 'found', patient) }}
            and depths.reader = found.reader
),

answers as (
    select
        best.*,
        parameters.paramcd,
        parameters.param,
        case parameters.paramcd
            when 'BOR' then best.bor
            when 'CBOR' then best.confirmed_bor
            when 'RSP' then case when best.is_responder then 'Y' else 'N' end
            when 'CRSP' then case when best.first_confirmed_response_date is null then 'N' else 'Y' end
            when 'CB' then case when best.is_clinical_benefit then 'Y' when not best.is_clinical_benefit then 'N' end
            when 'PD' then case when best.pd_date is null then 'N' else 'Y' end
        end as avalc,
        case parameters.paramcd
            when 'BOR' then best.bor_date
            when 'CBOR' then best.confirmed_bor_date
            when 'RSP' then best.first_response_date
            when 'CRSP' then best.first_confirmed_response_date
            when 'CB' then best.clinical_benefit_date
            when 'PD' then best.pd_date
        end as adt
    from best
    cross join parameters
),

rows_together as (
    select * from overall
    union all
    select
        study_id,
        centre_id,
        patient_key,
        paramcd,
        param,
        response_source as rseval,
        coalesce(response_source = 'DERIVED', false) as is_derived,
        avalc,
        adt,
        true as is_analysed,
        baseline_flag,
        source_table,
        source_file,
        source_row
    from answers
),

analysed as (
    select
        rows_together.study_id as studyid,
        rows_together.study_id || '-' || rows_together.centre_id || '-' || rows_together.patient_key as usubjid,
        rows_together.centre_id as siteid,
        rows_together.paramcd,
        rows_together.param,
        rows_together.rseval,
        case when rows_together.is_derived then 'DERIVED' else 'RECORDED' end as parcat1,
        rows_together.avalc,
        codes.aval,
        rows_together.adt,
        case when rows_together.is_analysed then 'Y' end as anl01fl,
        case when rows_together.baseline_flag = 'LATE' then 'Y' end as bllatefl,
        rows_together.source_table as srcdom,
        rows_together.source_row as srcseq,
        rows_together.source_file as srcfile
    from rows_together
    left join {{ ref('adrs_values') }} as codes on rows_together.avalc = codes.avalc
)

select * from analysed
