-- One row per R2 parameter set, patient and line of therapy.
-- R2.4 to R2.6: lines of therapy with their dates, regimen, numbers and why each began; meta.study_param_sets says
-- which study uses which set.
with lines as (select * from {{ ref('int_lines_of_therapy') }}),

published as (
    select
        param_set_id,
        centre_id,
        patient_key,
        line_seq,
        setting,
        is_counted,
        line_no,
        start_date,
        last_dose_date,
        is_last_dose_approximate,
        regimen,
        advance_reason,
        tags,
        enlist_label,
        lot_label,
        n_progressions,
        has_pd1,
        has_ici,
        first_source_file as source_file,
        first_source_row as source_row
    from lines
)

select * from published
