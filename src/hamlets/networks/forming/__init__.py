"""Forming networks: practices shared out by population, neighbourhood and travel, with a proof."""

from __future__ import annotations

from hamlets.networks.forming.forming import SECONDS, TOLERANCE, Request, form_networks
from hamlets.networks.forming.practices import Practice, Practices, read_practices
from hamlets.networks.forming.rules import read_groups

__all__ = [
    "SECONDS",
    "TOLERANCE",
    "Practice",
    "Practices",
    "Request",
    "form_networks",
    "read_groups",
    "read_practices",
]
