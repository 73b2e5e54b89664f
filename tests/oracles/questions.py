"""What is asked of the oracles: one question, in the words of the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

PATIENT_INDICES = ("upc", "coc", "hi", "secon", "mci", "mmci", "k", "entropy", "clinicians")
RATIOS = ("slicc", "opr", "same_as_previous")
MEASURES = (*PATIENT_INDICES, *RATIOS, "care_density", "waterfall")
LEVELS = ("clinician", "team", "practice")
STEPS = ("own", "buddy", "team", "practice", "locum", "hub")

CONTACT_GROUPS = ("month", "mode", "hours", "site", "role", "urgency", "hub")
"""Groups that are an attribute of a contact, not of a patient."""

SMALLEST_N = {"coc": 2, "secon": 2, "k": 2, "care_density": 2}
"""Contacts below which an index does not exist at all; 1 for those not named."""

USUAL_N = {"entropy": 1, "clinicians": 1}
"""Contacts a patient needs unless asked otherwise; 2 for those not named."""


@dataclass(frozen=True)
class Question:
    """The options of ``hamlets measure`` that change a number."""

    measures: tuple[str, ...] = MEASURES
    level: str = "clinician"
    by: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    min_contacts: int | None = None
    roles: str | tuple[str, ...] = "gp"
    modes: str | tuple[str, ...] = "all"
    window_months: int = 24
    min_list: int = 1

    def minimum(self, index: str) -> int:
        """Return how many contacts a patient needs to count for ``index``."""
        asked = self.min_contacts if self.min_contacts is not None else USUAL_N.get(index, 2)
        return max(asked, SMALLEST_N.get(index, 1))

    def with_(self, **changes: Any) -> Question:
        """Return the same question with some options changed."""
        return replace(self, **changes)

    def arguments(self) -> dict[str, Any]:
        """Return the keyword arguments that ask this of ``hamlets.continuity.measure``."""
        listed: dict[str, Any] = {
            "measures": list(self.measures),
            "level": self.level,
            "by": ",".join(self.by) if self.by else "all",
            "roles": list(self.roles) if isinstance(self.roles, tuple) else self.roles,
            "modes": list(self.modes) if isinstance(self.modes, tuple) else self.modes,
        }
        for name in ("date_from", "date_to", "min_contacts", "window_months", "min_list"):
            value = getattr(self, name)
            if value != getattr(Question, name):
                listed[name] = value
        return listed
