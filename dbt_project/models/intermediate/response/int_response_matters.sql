-- One row per R3 parameter set, patient, assessment after the index date and question about its response.
-- R5.2, R5.3, R5.4, DQ077: a node back after a complete response (CR_LOST), an equivocal new lesion that no later time
-- point settles, no lesion at baseline; CR with PR or SD after it (DQ068); readers, or a reader's record and lesions,
-- that differ on progression, or on a response where the best response differs. Before any decision.
{%- set keys = ['param_set_id', 'centre_id', 'patient_key'] %}
{%- set patient = keys | join(', ') %}
with timepoints as (select * from {{ ref('int_tumour_timepoints') }} where not is_baseline),

judged as (select * from {{ ref('int_assessments_judged') }}),

sources as (
    select
        {{ patient }},
        reader,
        min(case when response = 'CR' then response_date end) as first_cr_date,
        min(case when is_progression then response_date end) as pd_date,
        bool_or(response = 'CR') as has_cr,
        bool_or(is_response) as has_response
    from judged
    group by {{ patient }}, reader
),

patients as (
    select
        {{ patient }},
        bool_or(has_cr) <> bool_and(has_cr) or bool_or(has_response) <> bool_and(has_response) as is_best_differing
    from sources
    group by {{ patient }}
),

conflicts as (
    select
        judged.*,
        sources.first_cr_date,
        max(case when judged.response in ('PR', 'SD') then judged.response_date end) over (
            partition by judged.param_set_id, judged.centre_id, judged.patient_key
        ) as last_lesser_date
    from judged
    inner join sources using ({{ patient }}, reader)
    where judged.choice_no = 1 and coalesce(judged.response_date < sources.pd_date, true)
),

compared as (
    select
        {{ columns_of('timepoints', keys) }},
        timepoints.discordance as readers_differ,
        {{ discordance('timepoints.recorded_response', 'timepoints.tp_response') }} as sources_differ,
        patients.is_best_differing,
        readers.reader,
        case when readers.reader_kind = 'DERIVED' then timepoints.tp_date else timepoints.recorded_date end
            as response_date,
        greatest(timepoints.last_date, timepoints.tp_date, timepoints.recorded_date, timepoints.other_date)
            as judged_until
    from timepoints
    inner join patients using ({{ patient }})
    inner join {{ ref('int_index_readers') }} as readers
        on
            {{ same('timepoints', 'readers', keys) }}
            and timepoints.reader = readers.lesion_reader
            and readers.choice_no = 1
),

matters as (
    {%- for rule, reason in [('R5.2', 'CR_LOST'), ('R5.3', 'EQUIVOCAL_OPEN'), ('R5.3', 'NO_DISEASE')] %}
        select
            {{ patient }}, '{{ rule }}' as rule, '{{ reason }}' as review_reason, reader as named_reader,
            'DERIVED_' || reader as reader, tp_date as response_date, last_date as judged_until
        from timepoints
        where {{ is_listed("'" ~ reason ~ "'", 'review') }}
        union
    {%- endfor %}
    {%- for reason, how in [('READERS_DISAGREE', 'readers_differ'), ('SOURCES_DISAGREE', 'sources_differ')] %}
        select
            {{ patient }}, 'DQ077' as rule, '{{ reason }}' as review_reason, reader as named_reader, reader,
            response_date, max(judged_until) as judged_until
        from compared
        where {{ how }} = 'MAJOR' or ({{ how }} = 'MINOR' and is_best_differing)
        group by {{ patient }}, reader, response_date
        union
    {%- endfor %}
    select
        {{ patient }}, 'R5.4' as rule, 'CR_THEN_NONCR' as review_reason, reader as named_reader, reader,
        response_date, last_lesser_date as judged_until
    from conflicts
    where
        (response in ('PR', 'SD') and response_date > first_cr_date)
        or (response = 'CR' and response_date < last_lesser_date)
)

select * from matters
