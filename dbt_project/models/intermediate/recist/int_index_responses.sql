-- One row per R3 parameter set, patient, reader and time point from the baseline on.
-- R5.2, R5.3: the response derived from lesions, relative to the baseline of the index date.
{{ timepoint_responses(ref('int_index_findings')) }}
