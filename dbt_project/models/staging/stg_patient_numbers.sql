-- One row per centre and pseudonym of a patient's number.
-- R0.1: which patient each pseudonym stands for; linked numbers of one person lead to one key.
with linked as (select centre_id, patient_id, patient_key from {{ ref('stg_linked_identities') }}),

last_words as ({{ last_words('patient') }}),

alone as (
    select
        last_words.centre_id,
        last_words.patient_id,
        {{ patient_key('last_words.centre_id', 'last_words.patient_id') }} as patient_key
    from last_words
    left join linked on last_words.centre_id = linked.centre_id and last_words.patient_id = linked.patient_id
    where linked.patient_id is null
)

select * from linked
union
select * from alone
