-- One row per parameter set, parameter and drug that it names and the drug list does not have.
-- R2.4: a misspelt drug would exempt nothing, in silence.
with parameters as (
    select param_set_id, parameter, replace(replace(value, ' ', ''), ',', '|') as drug_keys
    from {{ source('protocol', 'parameters') }}
    where parameter like '%\_drugs' escape '\' and value <> ''
),

named as (
    select
        param_set_id,
        parameter,
        {{ rows_of_list('drug_keys') }} as drug_key
    from parameters
)

select
    named.param_set_id,
    named.parameter,
    named.drug_key
from named
left join {{ ref('drugs') }} as drugs on named.drug_key = drugs.drug_key
where drugs.drug_key is null
