-- One row per R3 parameter set, patient, reader and time point from the baseline on.
-- R5.2, R5.3: what each time point shows of the lesions that the baseline of the index date selected.
{{ timepoint_findings(ref('int_index_courses')) }}
