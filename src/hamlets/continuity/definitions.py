"""The measures: identifiers, names, smallest numbers of contacts, sources.

One registry that the command line, the results, the report and the reference
pages take their names from. Formulas of the patient indices are linear in four
counts of a patient's sequence once n is fixed (see ``indices``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DEFINITIONS_VERSION = "2026.1"
"""Changes whenever a definition changes; part of every result and cache key."""

LEVELS = ("clinician", "team", "practice")
Kind = Literal["patient", "ratio", "waterfall", "density"]


@dataclass(frozen=True)
class Measure:
    """One measure of continuity.

    ``minimum`` is the smallest number of contacts it is given for by default;
    ``best`` the value of perfect continuity (None: depends on n, or no best).
    """

    id: str
    kind: Kind
    name: str
    formula: str
    minimum: int
    best: float | None
    source: str
    checked_by: str
    next_review: str
    levels: tuple[str, ...] = LEVELS

    def name_at(self, level: str) -> str:
        """Return the name with whom a patient is continuous at a level: "Seen by own team"."""
        whom = {"team": "team", "practice": "practice"}.get(level, "GP")
        return self.name.replace("GP", whom)

    @property
    def fewest(self) -> int:
        """Contacts below which the formula itself has no value, whatever is asked for."""
        return 2 if self.id in ("coc", "secon", "k", "care_density") else min(self.minimum, 1)


_CHECKED = "tests/spec and tests/generative"
_REVIEW = "2027-11"


def _patient(
    id_: str, name: str, formula: str, source: str, minimum: int = 2, best: float | None = 1.0
) -> Measure:
    return Measure(id_, "patient", name, formula, minimum, best, source, _CHECKED, _REVIEW)


_REGISTRY = (
    _patient(
        "upc",
        "Seen by the GP they see most",
        "max n_i / n",
        "Breslau & Reeb 1975; Sidaway-Lee 2023",
    ),
    _patient(
        "coc", "Two contacts, one GP", "(sum n_i^2 - n) / (n (n - 1))", "Bice & Boxerman 1977"
    ),
    _patient("hi", "Herfindahl index", "sum (n_i / n)^2", "Herfindahl"),
    _patient("secon", "Same GP as last time", "sum [x_j = x_j+1] / (n - 1)", "Steinwachs 1979"),
    _patient(
        "mci", "Modified continuity index", "1 - M / (n + 0.1)", "Godkin & Rice 1984", best=None
    ),
    _patient(
        "mmci",
        "Modified modified continuity index",
        "(1 - M / (n + 0.1)) / (1 - 1 / (n + 0.1))",
        "Magill & Senf 1987",
    ),
    _patient("k", "Someone already met", "(n - M) / (n - 1)", "Ejlertsson & Berg 1984"),
    _patient(
        "entropy",
        "Visit entropy",
        "- sum (n_i / n) log2(n_i / n)",
        "Shannon 1948, as visit entropy",
        minimum=1,
        best=0.0,
    ),
    _patient("clinicians", "Different GPs seen", "M", "count", minimum=1, best=1.0),
    Measure(
        "slicc",
        "ratio",
        "Seen by own GP",
        "contacts of the list with its own GP / contacts of the list with any GP",
        0,
        1.0,
        "St Leonard's; Sidaway-Lee 2019",
        _CHECKED,
        _REVIEW,
    ),
    Measure(
        "opr",
        "ratio",
        "Own patients in a GP's day",
        "own-list contacts a GP gives / all contacts that GP gives",
        0,
        1.0,
        "Sidaway-Lee 2023",
        _CHECKED,
        _REVIEW,
        levels=("clinician",),
    ),
    Measure(
        "same_as_previous",
        "ratio",
        "Same GP as last time, by month",
        "pairs with the same clinician / pairs",
        0,
        1.0,
        "visit-based SECON",
        _CHECKED,
        _REVIEW,
    ),
    Measure(
        "waterfall",
        "waterfall",
        "Who patients saw",
        "the list's contacts split into six kinds that sum to 1",
        0,
        None,
        "Hamlets",
        _CHECKED,
        _REVIEW,
        levels=("clinician",),
    ),
    Measure(
        "care_density",
        "density",
        "Care density",
        "patients shared, summed over pairs of the patient's clinicians / (M (M - 1) / 2)",
        2,
        None,
        "Pollack 2013",
        _CHECKED,
        _REVIEW,
    ),
)

MEASURES: dict[str, Measure] = {m.id: m for m in _REGISTRY}
PATIENT_INDICES = tuple(m.id for m in _REGISTRY if m.kind == "patient")
RATIOS = tuple(m.id for m in _REGISTRY if m.kind == "ratio")

STEPS = ("own", "buddy", "team", "practice", "locum", "hub")
"""The waterfall's steps in the order in which they are shown."""
