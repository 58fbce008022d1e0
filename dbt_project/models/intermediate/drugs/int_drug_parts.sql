-- One row per drug name, kind of source (history or not), trial and drug that the name holds.
-- R1: the whole name if it resolves, else a trial's blinded drug, else each part of a combination, else UNRESOLVED.
with drug_rows as (select * from {{ ref('stg_drug_row') }}),

names as (select * from {{ ref('int_drug_names') }}),

parts as (select raw_name, part_no from {{ ref('int_drug_name_parts') }} where facet = 'WHOLE'),

matches as (select * from {{ ref('int_drug_name_matches') }}),

acronyms as (
    select spelt_out.*, true as is_history
    from {{ ref('int_drug_name_acronyms') }} as spelt_out
    left join matches using (raw_name, part_no)
    where matches.drug_key is null
),

guesses as (select * from {{ ref('int_drug_name_guesses') }}),

uses as (select distinct raw_name, source_kind = 'HISTORY' as is_history, trial_id from drug_rows),

read_parts as (
    select
        uses.raw_name,
        uses.is_history,
        uses.trial_id,
        names.is_trial_drug,
        parts.part_no,
        coalesce(acronyms.drug_seq, 0) as drug_seq,
        coalesce(matches.drug_key, acronyms.drug_key, guesses.drug_key) as drug_key,
        case
            when matches.drug_key is not null then matches.match_method
            when acronyms.drug_key is not null then 'ACRONYM'
            when guesses.drug_key is not null then 'FUZZY'
            else 'NONE'
        end as match_method,
        acronyms.is_ambiguous,
        max(parts.part_no) over (partition by uses.raw_name, uses.is_history, uses.trial_id) as n_parts
    from uses
    inner join names on uses.raw_name = names.raw_name
    inner join parts on uses.raw_name = parts.raw_name
    left join matches on parts.raw_name = matches.raw_name and parts.part_no = matches.part_no
    left join acronyms
        on
            parts.raw_name = acronyms.raw_name
            and parts.part_no = acronyms.part_no
            and uses.is_history = acronyms.is_history
    left join guesses on parts.raw_name = guesses.raw_name and parts.part_no = guesses.part_no
),

decided as (
    select
        *,
        max(case when part_no = 0 and match_method in ('NONE', 'FUZZY') then 1 else 0 end) over (
            partition by raw_name, is_history, trial_id
        ) = 0 as is_whole_resolved
    from read_parts
),

blinded as (
    select
        *,
        coalesce(drug_key = 'BLINDED', false) or (is_trial_drug and not is_whole_resolved) as is_blinded
    from decided
),

chosen as (
    select *
    from blinded
    where
        case
            when is_whole_resolved or is_trial_drug or n_parts = 0 then part_no = 0
            else part_no > 0
        end
),

described as (
    select
        chosen.raw_name,
        chosen.is_history,
        chosen.trial_id,
        row_number() over (
            partition by chosen.raw_name, chosen.is_history, chosen.trial_id
            order by chosen.part_no, chosen.drug_seq
        ) as part_no,
        case
            when chosen.is_blinded then 'BLINDED' || coalesce(':' || chosen.trial_id, '')
            else coalesce(chosen.drug_key, 'UNRESOLVED')
        end as drug_key,
        case when chosen.is_blinded then 'BLINDED' else chosen.drug_key end as listed_drug_key,
        case when chosen.is_blinded then 'TRIAL' else chosen.match_method end as match_method,
        case
            when chosen.is_blinded or chosen.match_method in ('NONE', 'FUZZY') or chosen.is_ambiguous = 'Y' then 'Y'
            else 'N'
        end as review_flag,
        case when chosen.n_parts = 0 then names.strength_mg end as strength_mg,
        case when names.is_own_supply then 'Y' else 'N' end as own_supply
    from chosen
    inner join names on chosen.raw_name = names.raw_name
)

select * from described
