"""Analyses: each module reads marts, calls estimators and records numbers; none of them prints."""
