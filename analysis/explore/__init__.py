"""Questions to a released study (endpoint, groups, filter, variant) and their answers, small groups withheld (R9.9)."""
