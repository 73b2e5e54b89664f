"""What one pass over the store has to work out for a set of questions.

Questions are split into groupings of three kinds, each computed once however
many questions need it: patient indices (by patient groups, perhaps for each
value of a contact attribute or for rolling windows), ratios with the waterfall,
and own patients of a GP (opr).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hamlets.continuity.conventions import Question
from hamlets.continuity.definitions import LEVELS, PATIENT_INDICES

CONTACT_GROUPS = ("month", "mode", "hours", "site", "role", "urgency", "hub")
"""Groups that are attributes of a contact, never of a patient."""
DAY_GROUPS = ("list", "team", "age_band")
"""Groups of the contact's day for ratios, of the window's last day for patient indices."""
ATTRIBUTES = {
    "sex": ("sex",),
    "ethnicity": ("ethnicity",),
    "language": ("language",),
    "imd_quintile": ("imd_decile",),
    "age_band": ("birth_year",),
    "cohort": ("housebound", "birth_year"),
}
"""Columns of patients that a group needs."""


@dataclass(frozen=True)
class IndexGrouping:
    """Patient indices by ``by``: ``contact`` groups filter, ``monthly`` rolls the window."""

    by: tuple[str, ...]

    @property
    def monthly(self) -> bool:
        return "month" in self.by

    @property
    def contact(self) -> tuple[str, ...]:
        return tuple(g for g in self.by if g in CONTACT_GROUPS and g != "month")

    @property
    def patient(self) -> tuple[str, ...]:
        return tuple(g for g in self.by if g not in CONTACT_GROUPS)

    @property
    def visible(self) -> list[int]:
        """Where the groups of ``by`` stand among the keys: month, home, class, groups, n."""
        keys = ["month", "", "", *self.contact, *self.patient]
        return [keys.index(group) for group in self.by]


@dataclass(frozen=True)
class RatioGrouping:
    """Ratios and waterfall by ``by``."""

    by: tuple[str, ...]

    @property
    def contact(self) -> tuple[str, ...]:
        return tuple(g for g in self.by if g in CONTACT_GROUPS)

    @property
    def varying(self) -> tuple[str, ...]:
        """Groups that may change from contact to contact of one patient."""
        return tuple(g for g in self.by if g in CONTACT_GROUPS or g in DAY_GROUPS)

    @property
    def patient(self) -> tuple[str, ...]:
        return tuple(g for g in self.by if g not in self.varying)


@dataclass
class Plan:
    """The groupings to compute, and what they need."""

    index: dict[IndexGrouping, set[str]] = field(default_factory=dict)
    """Grouping -> measures wanted of it."""
    ratio: dict[RatioGrouping, set[str]] = field(default_factory=dict)
    own: dict[RatioGrouping, set[str]] = field(default_factory=dict)
    """Groupings of opr."""
    levels: tuple[str, ...] = LEVELS
    by_patient: bool = False
    density_groups: tuple[tuple[str, ...], ...] = ()

    @property
    def groups(self) -> frozenset[str]:
        """Every group that some grouping uses."""
        groupings = [x.by for x in (*self.index, *self.ratio, *self.own)]
        return frozenset(g for by in (*groupings, *self.density_groups) for g in by)

    @property
    def monthly(self) -> bool:
        """Whether some patient measure wants a rolling window for each month."""
        return any("month" in by for by in (*(g.by for g in self.index), *self.density_groups))

    @property
    def ratio_groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of every ratio grouping."""
        return tuple(dict.fromkeys(x.by for x in (*self.ratio, *self.own)))

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns of the patients table that the groups need."""
        needed = [c for g in ATTRIBUTES if g in self.groups for c in ATTRIBUTES[g]]
        return tuple(dict.fromkeys(needed))


def make_plan(questions: Sequence[Question]) -> Plan:
    """Return the groupings that answer all the questions in one pass."""
    plan = Plan()
    levels: set[str] = set()
    for question in questions:
        levels.update(question.levels)
        wanted = set(question.measures)
        indices = wanted & set(PATIENT_INDICES)
        if indices:
            plan.index.setdefault(IndexGrouping(question.by), set()).update(indices)
        ratios = wanted & {"slicc", "same_as_previous", "waterfall"}
        if ratios:
            plan.ratio.setdefault(RatioGrouping(question.by), set()).update(ratios)
        if "opr" in wanted and "clinician" in question.levels:
            plan.own.setdefault(RatioGrouping(question.by), set()).add("opr")
        if "care_density" in wanted:
            plan.density_groups = tuple(dict.fromkeys([*plan.density_groups, question.by]))
    plan.levels = tuple(level for level in LEVELS if level in levels)
    return plan
