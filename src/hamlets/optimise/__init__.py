"""Optimise: set partition, transportation and conflicts of rules. Knows numbers, not GPs."""
