-- One row per check, parameter set and patient that the check looked at.
-- R10: what indexed patients miss (DQ030-DQ032, DQ034; DQ036: a progression before the index date, or a note, tells of
-- an earlier line, and no drug does) and their age (DQ042).
{{ config(materialized='view') }}
{%- set keys = 'param_set_id, centre_id, patient_key' %}

with indexed as (
    select {{ keys }}, index_date, source_file, source_row from {{ ref('int_index') }} where index_status = 'OK'
),

included as (select distinct {{ keys }} from {{ ref('int_included_patients') }}),

alive as (
    select
        {{ keys }},
        last_known.source_file,
        last_known.source_row,
        {{ days_between('last_known.last_known_alive_date', 'cutoffs.data_cutoff') }} as days_unseen
    from {{ ref('int_last_known_alive') }} as last_known
    inner join included using ({{ keys }})
    inner join {{ ref('int_cutoffs') }} as cutoffs using (param_set_id, centre_id)
    left join {{ ref('int_deaths') }} as deaths using ({{ keys }})
    where deaths.death_status is null
),

charted as (
    select distinct
        indexed.param_set_id,
        indexed.centre_id,
        indexed.patient_key
    from indexed
    inner join {{ source('protocol', 'param_set_upstream') }} as upstream
        on indexed.param_set_id = upstream.param_set_id
    inner join {{ ref('int_progressions') }} as progressions
        on
            upstream.upstream_param_set_id = progressions.param_set_id
            and indexed.centre_id = progressions.centre_id
            and indexed.patient_key = progressions.patient_key
            and indexed.index_date > progressions.progression_date
    where progressions.progression_kind <> 'RELAPSE'
    union
    select {{ keys }}
    from indexed
    inner join {{ ref('stg_clinical_note_flag') }} as notes using (centre_id, patient_key)
    where notes.flag = 'PRIOR_SYSTEMIC_THERAPY' and indexed.index_date >= notes.date_lo
),

treated as (
    select distinct {{ keys }}
    from {{ ref('int_prior_drug_rows') }}
    where not in_index_line and (counts_in_lot = 'Y' or is_blinded)
),

judged as (
    select
        'DQ030' as check_id, 'ecog' as table_name, {{ keys }}, null as row_key, indexed.source_file,
        indexed.source_row, ecog.value_number is null as is_failed
    from indexed
    inner join {{ ref('int_baseline_ecog') }} as ecog using ({{ keys }})
    union all
    select
        'DQ031' as check_id, 'lesion' as table_name, {{ keys }}, null as row_key, indexed.source_file,
        indexed.source_row, imaging.image_date is null as is_failed
    from indexed
    left join {{ ref('int_baseline_imaging') }} as imaging using ({{ keys }})
    union all
    select
        'DQ032' as check_id, 'tumour_timepoint' as table_name, {{ keys }}, null as row_key, best.source_file,
        best.source_row, best.bor = 'MISSING' as is_failed
    from {{ ref('int_best_response') }} as best
    inner join included using ({{ keys }})
    union all
    select
        'DQ034' as check_id, 'contact' as table_name, {{ keys }}, null as row_key, source_file, source_row,
        days_unseen > {{ dq_limit('DQ034', 'last_contact', 'max') }} as is_failed
    from alive
    union all
    select
        'DQ036' as check_id, 'drug_row' as table_name, {{ keys }}, null as row_key, indexed.source_file,
        indexed.source_row, treated.patient_key is null as is_failed
    from indexed
    inner join charted using ({{ keys }})
    left join treated using ({{ keys }})
    union all
    select
        'DQ042' as check_id, 'patient' as table_name, {{ keys }}, null as row_key, ages.source_file, ages.source_row,
        ages.age_years < {{ dq_limit('DQ042', 'age', 'min') }}
        or ages.age_years > {{ dq_limit('DQ042', 'age', 'max') }} as is_failed
    from indexed
    inner join {{ ref('int_ages') }} as ages using ({{ keys }})
),

looked_at as (
    select
        check_id, table_name, centre_id, patient_key, row_key, source_file, source_row, param_set_id, is_failed
    from judged
    where is_failed is not null
)

select * from looked_at
