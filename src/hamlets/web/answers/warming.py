"""Answers made in advance, so that the first visitor after a load need not wait."""

from __future__ import annotations


def warm(warmed: str) -> str:
    return warmed
