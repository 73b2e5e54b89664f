"""Answers kept by store version and question, so that no request computes."""
