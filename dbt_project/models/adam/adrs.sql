-- One row per study, included subject, parameter, evaluator and analysis date.
-- CDISC ADaM ADRS of each study's primary variant: overall response of every source (OVRLRESP, ANL01FL marks what counts
-- for best response); of the source that counts BOR, CBOR, RSP, CRSP, CB and PD.
{%- set patient = ['centre_id', 'patient_key'] %}
with included as (
    select * from {{ ref('int_included_patients') }} where variant = 'primary' and rule_family = 'R5'
),

windows as (select * from {{ ref('int_response_windows') }}),

best as (select * from {{ ref('best_response') }} where variant = 'primary'),

overall as (
    select
        included.study_id,
        found.centre_id,
        found.patient_key,
        'OVRLRESP' as paramcd,
        'Overall response' as param,
        case when found.reader like '%IND' then 'INDEPENDENT ASSESSOR' else 'INVESTIGATOR' end as rseval,
        found.reader_used = 'DERIVED' as is_derived,
        found.response as avalc,
        found.response_date as adt,
        found.choice_no = 1
        and coalesce(found.response_date <= windows.window_end_date, true) as is_analysed,
        found.source_table,
        found.source_file,
        found.source_row
    from included
    inner join windows
        on
            included.param_set_id = windows.param_set_id
            {%- for key in patient %} and included.{{ key }} = windows.{{ key }}{% endfor %}
    inner join {{ ref('int_reader_assessments') }} as found
        on
            windows.cohort_param_set_id = found.param_set_id
            {%- for key in patient %} and windows.{{ key }} = found.{{ key }}{% endfor %}
            and windows.reader = found.reader
),

answers as (
    {%- for paramcd, param, avalc, adt in [
        ('BOR', 'Best overall response', 'bor', 'bor_date'),
        ('CBOR', 'Confirmed best overall response', 'confirmed_bor', 'first_confirmed_response_date'),
        ('RSP', 'Response', "case when is_responder then 'Y' else 'N' end", 'first_response_date'),
        ('CRSP', 'Confirmed response', "case when first_confirmed_response_date is null then 'N' else 'Y' end",
            'first_confirmed_response_date'),
        ('CB', 'Clinical benefit', "case when is_clinical_benefit then 'Y' when not is_clinical_benefit then 'N' end",
            'first_response_date'),
        ('PD', 'Disease progression', "case when pd_date is null then 'N' else 'Y' end", 'pd_date'),
    ] %}
    select
        study_id,
        centre_id,
        patient_key,
        '{{ paramcd }}' as paramcd,
        '{{ param }}' as param,
        response_source as rseval,
        coalesce(response_source = 'DERIVED', false) as is_derived,
        {{ avalc }} as avalc,
        {{ adt }} as adt,
        true as is_analysed,
        source_table,
        source_file,
        source_row
    from best
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

rows_together as (
    select * from overall
    union all
    select * from answers
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
        rows_together.source_table as srcdom,
        rows_together.source_row as srcseq,
        rows_together.source_file as srcfile
    from rows_together
    left join {{ ref('adrs_values') }} as codes on rows_together.avalc = codes.avalc
)

select * from analysed
