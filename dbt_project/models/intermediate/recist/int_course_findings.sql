-- One row per RS parameter set, patient, reader, course and time point.
-- R5.2, R5.3: what each time point shows of the lesions that the start of its course selected; the index date plays no
-- part, because lines of therapy and with them the index date are read from these responses.
{{ timepoint_findings(ref('int_lesion_courses')) }}
