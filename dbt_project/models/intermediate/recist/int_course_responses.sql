-- One row per RS parameter set, patient, reader, course and time point.
-- R5.2, R5.3: the response derived from lesions, relative to the start of its course.
{{ timepoint_responses(ref('int_course_findings')) }}
