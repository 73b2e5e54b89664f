"""Arrangements side by side: what each keeps of past contacts, how even its work is, who moves.

The present teams, a plan, and those that a practice would make by hand are measured by the
same code. ``measures.measure_arrangement`` is the way in.
"""
