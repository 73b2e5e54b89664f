"""The kinds of files that a plan is given out as."""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """One kind of file."""

    named_gps = "named-gps"
    lists = "lists"
    letters = "letters"
    patients = "patients"
    reception = "reception"
    teams = "teams"
