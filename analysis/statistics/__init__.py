"""Estimators: arrays in, numbers out. Each names its convention and cites its worked example in rules/examples."""
