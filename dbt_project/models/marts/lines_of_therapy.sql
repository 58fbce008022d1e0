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
        end_reason,
        tags,
        enlist_label,
        enlist_history,
        lot_label,
        n_progressions,
        pd_status_known,
        maintenance_start_date,
        maintenance_end_date,
        maintenance_regimen,
        has_pd1,
        has_ici,
        has_targeted,
        has_vegfr_tki,
        has_chemotherapy,
        has_platinum,
        has_taxane,
        has_fluoropyrimidine,
        has_irinotecan,
        has_blinded,
        is_ongoing_at_cutoff,
        'drug_row' as source_table,
        first_source_file as source_file,
        first_source_row as source_row
    from lines
)

select * from published
