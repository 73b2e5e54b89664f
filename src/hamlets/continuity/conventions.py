"""The conventions of a question: every choice that changes a number, with its default.

They are printed with every result. A preset sets those that a published study
states, and says which it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from hamlets.continuity.definitions import LEVELS, MEASURES
from hamlets.errors import UsageError
from hamlets.records.tables import MODES, ROLES

GROUPS = (
    "practice",
    "network",
    "borough",
    "list",
    "team",
    "month",
    "age_band",
    "sex",
    "ethnicity",
    "imd_quintile",
    "language",
    "cohort",
    "n_band",
    "mode",
    "hours",
    "site",
    "role",
    "urgency",
    "hub",
)


@dataclass(frozen=True)
class Conventions:
    """What counts, and when. ``roles`` is "gp", "any" or role words; ``modes`` "all" or words."""

    date_from: date | None = None
    date_to: date | None = None
    min_contacts: int | None = None
    roles: str | tuple[str, ...] = "gp"
    modes: str | tuple[str, ...] = "all"
    window_months: int = 24
    min_list: int = 1
    one_a_day: bool = False
    ages: tuple[int, int] | None = None
    preset: str | None = None
    frequent_least: int | None = None
    """Contacts a year of a frequent attender; None: above the practice's 90th centile."""
    frequent_any_role: bool = False
    """Whether these are contacts with any clinician, whatever the roles counted."""

    def as_dict(self) -> dict[str, Any]:
        """Return the conventions as plain values for JSON."""
        plain = asdict(self)
        for name in ("date_from", "date_to"):
            day = plain[name]
            plain[name] = day.isoformat() if day else None
        return plain


@dataclass(frozen=True)
class Preset:
    """What one study states of its conventions, and what it leaves open."""

    name: str
    source: str
    changes: dict[str, Any]
    unknown: str


PRESETS = {
    p.name: p
    for p in (
        Preset(
            "barker-2017",
            "Barker, Steventon & Deeny 2017, BMJ 356:j84",
            {"min_contacts": 2, "roles": "gp", "window_months": 24, "ages": (62, 82)},
            "only patients aged 62 to 82 on the last day; "
            "modes: not stated here, all but group are counted",
        ),
        Preset(
            "hull-2022",
            "Hull et al. 2022, Br J Gen Pract 72(724)",
            {"min_contacts": 3, "roles": "gp"},
            "modes and window: not stated here, all but group and 24 months are used",
        ),
        Preset(
            "sidaway-lee-2019",
            "Sidaway-Lee, Gray & Evans 2019, Br J Gen Pract 69(682)",
            {"min_contacts": 2, "roles": "gp", "modes": ("face_to_face",)},
            "window: not stated here, 24 months are used",
        ),
        Preset(
            "kajaria-montag-2023",
            "Kajaria-Montag, Freeman & Scholtes 2023, Management Science",
            {"min_contacts": 2, "roles": "gp", "window_months": 24},
            "modes and smallest number of contacts: not stated here, all but group and 2 are used",
        ),
        Preset(
            "bristol",
            "One Care, Bristol: continuity toolkit",
            {"min_contacts": 2, "roles": "gp"},
            "modes, window and smallest number of contacts: not stated here, ours are used",
        ),
    )
}


@dataclass(frozen=True)
class Question:
    """Which measures, at which levels, for which groups."""

    measures: tuple[str, ...]
    levels: tuple[str, ...] = ("clinician",)
    by: tuple[str, ...] = ()
    pairs: frozenset[tuple[str, str]] | None = None
    """Measure and level, where not every measure is asked for at every level."""

    def at(self, level: str) -> tuple[str, ...]:
        """Return the measures asked for at a level."""
        return tuple(m for m in self.measures if self.pairs is None or (m, level) in self.pairs)


def words(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return a comma-separated text or a sequence as a tuple of trimmed words."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def _check(chosen: Sequence[str], known: Sequence[str], what: str) -> None:
    for word in chosen:
        if word not in known:
            raise UsageError(
                f"There is no {what} called {word!r}.",
                where=what,
                hint=f"Choose from: {', '.join(known)}.",
            )


def read_question(
    measures: str | Sequence[str], level: str | Sequence[str], by: str | Sequence[str]
) -> Question:
    """Return a checked question; raises UsageError for a word that is not known.

    ``upc_team`` stands for upc at level team, and so on; words without one are of ``level``.
    """
    levels = words(level)
    if levels == ("all",):
        levels = LEVELS
    _check(levels, LEVELS, "level")
    pairs: list[tuple[str, str]] = []
    for word in words(measures):
        name, _, suffix = word.rpartition("_")
        if suffix in LEVELS and name in MEASURES and word not in MEASURES:
            pairs.append((name, suffix))
            continue
        named = tuple(MEASURES) if word == "all" else (word,)
        _check(named, tuple(MEASURES), "measure")
        pairs += [(each, one) for each in named for one in levels]
    chosen = tuple(dict.fromkeys(name for name, _ in pairs))
    levels = tuple(each for each in LEVELS if any(each == one for _, one in pairs)) or levels
    groups = () if words(by) in ((), ("all",)) else tuple(g.replace("-", "_") for g in words(by))
    _check(groups, GROUPS, "group")
    if len(set(groups)) != len(groups):
        raise UsageError("A group is named twice.", where="--by", hint="Name each group once.")
    every = {(name, each) for name in chosen for each in levels}
    return Question(chosen, levels, groups, None if every == set(pairs) else frozenset(pairs))


def read_conventions(
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    min_contacts: int | None = None,
    roles: str | Sequence[str] | None = None,
    modes: str | Sequence[str] | None = None,
    window_months: int | None = None,
    min_list: int = 1,
    one_a_day: bool = False,
    preset: str | None = None,
) -> Conventions:
    """Return checked conventions; what is given here overrides the preset's."""
    chosen = Conventions()
    if preset is not None:
        _check([preset], tuple(PRESETS), "preset")
        chosen = replace(chosen, preset=preset, **PRESETS[preset].changes)
    role_words = None if roles is None else words(roles)
    mode_words = None if modes is None else words(modes)
    if role_words and role_words not in (("gp",), ("any",)):
        _check(role_words, ROLES, "role")
    if mode_words and mode_words != ("all",):
        _check(mode_words, MODES, "mode")
    if min_contacts is not None and min_contacts < 1:
        raise UsageError("The smallest number of contacts is 1.", where="--min-contacts")
    if window_months is not None and window_months < 1:
        raise UsageError("A window has at least 1 month.", where="--window-months")
    if date_from and date_to and date_from > date_to:
        raise UsageError("The first day comes after the last.", where="--from, --to")
    given: dict[str, Any] = {
        "date_from": date_from,
        "date_to": date_to,
        "min_contacts": min_contacts,
        "roles": _one(role_words, ("gp", "any")),
        "modes": _one(mode_words, ("all",)),
        "window_months": window_months,
    }
    chosen = replace(chosen, **{k: v for k, v in given.items() if v is not None})
    return replace(chosen, min_list=min_list, one_a_day=one_a_day)


def _one(chosen: tuple[str, ...] | None, single: tuple[str, ...]) -> str | tuple[str, ...] | None:
    if not chosen:
        return None
    return chosen[0] if len(chosen) == 1 and chosen[0] in single else chosen
