"""Candidate teams: every set of GPs that each local rule of the team model allows.

A rule that can be checked on one team is a filter on candidates; the rest (how many
teams a scarce role can serve) are limits on how many may be chosen.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import comb

import numpy as np
import numpy.typing as npt

from hamlets.errors import UsageError
from hamlets.optimise.partition import Columns, Limit
from hamlets.teams.inputs import Bools, Clinicians, Float64, Int32, PracticeInputs
from hamlets.teams.model import WEEKDAYS, TeamModel

Int16 = npt.NDArray[np.int16]

MOST_CANDIDATES = 8_000_000
_HALVES = ("morning", "afternoon")


@dataclass(frozen=True)
class Rule:
    """One rule of the model that a plan must keep, in a form that words are made from."""

    id: str
    """cover, size_least, size_most, role, lead, list_holder, bookable, one_site, must_link,
    cannot_link, language, skill, sessions_least, sessions_most."""
    about: str = ""
    """The weekday, role, language, skill or staff ids that the rule speaks of."""
    value: float = 1


@dataclass(frozen=True)
class Candidates:
    """Sets of GPs that may be teams; members are positions in ``gps``."""

    gps: Int32
    """Positions of the GPs among the clinicians."""
    columns: Columns
    limits: tuple[Limit, ...] = ()

    def team(self, row: int) -> tuple[int, ...]:
        """Return the clinicians of one candidate."""
        members = self.columns.members[row]
        return tuple(int(self.gps[member]) for member in members if member >= 0)

    def take(self, rows: Bools) -> Candidates:
        """Return some of the candidates under the same limits."""
        limits = tuple(
            limit if limit.among is None else replace(limit, among=limit.among[rows])
            for limit in self.limits
        )
        return Candidates(self.gps, self.columns.take(rows), limits)


def find_gps(inputs: PracticeInputs, model: TeamModel) -> Int32:
    """Return the GPs whom the teams must cover: all, or list-eligible where each has a list."""
    staff = inputs.clinicians
    lists_only = model.approach in ("buddies", "personal_lists")
    among = staff.gp & (staff.eligible if lists_only else True)
    if model.taking_part is not None:
        among = among & np.isin(staff.staff_id, model.taking_part)
    return np.flatnonzero(among).astype(np.int32)


def list_rules(inputs: PracticeInputs, model: TeamModel) -> tuple[Rule, ...]:
    """Return every rule that the model and the definitions put on teams."""
    least, most = model.gp_bounds
    rules = [Rule("size_least", value=least), Rule("size_most", value=most)]
    rules += [Rule("list_holder"), Rule("bookable")]
    if model.approach in ("whole_list", "cohort"):
        rules += [Rule("lead")]
        rules += [Rule("role", role, number) for role, number in model.needed.items()]
    if model.approach != "personal_lists" and model.cover != "none":
        rules += [Rule("cover", about, model.cover_gps) for about in _covered(model)]
    if model.one_site:
        rules.append(Rule("one_site"))
    rules += [Rule("must_link", ", ".join(group), len(group)) for group in model.must_link]
    rules += [Rule("cannot_link", ", ".join(group), len(group)) for group in model.cannot_link]
    rules += [Rule("language", word, n) for word, n in model.languages.items() if n]
    rules += [Rule("skill", word, n) for word, n in model.skills.items() if n]
    if model.team_sessions is not None:
        low, high = model.team_sessions
        rules += [Rule("sessions_least", value=low), Rule("sessions_most", value=high)]
    return tuple(rules)


def find_candidates(
    inputs: PracticeInputs, model: TeamModel, rules: Iterable[Rule] | None = None
) -> Candidates:
    """Return every set of GPs that keeps the rules; UsageError where there are too many.

    ``rules`` = those to keep, by default all of them. Without a rule on the size, teams
    are of 1 GP up to two more than the model's most.
    """
    kept = list_rules(inputs, model) if rules is None else tuple(rules)
    gps = find_gps(inputs, model)
    least, most = sizes_within(kept, model, len(gps))
    check = _Checks(inputs, model, gps)
    apart = check.apart(kept)
    members = np.full((0, max(most, 1)), -1, dtype=np.int16)
    for found in _by_size(len(gps), most, apart):
        if found.shape[1] < least:
            continue
        found = check.filtered(found, kept)
        wide = np.full((len(found), max(most, 1)), -1, dtype=np.int16)
        wide[:, : found.shape[1]] = found
        members = np.concatenate([members, wide])
    return Candidates(gps, Columns(members, len(gps)), limits_of(inputs, gps, members, kept))


def holding(inputs: PracticeInputs, model: TeamModel, candidates: Candidates, rule: Rule) -> Bools:
    """Return which candidates keep a rule; all of them where it is a limit on their number."""
    return _Checks(inputs, model, candidates.gps).keeps(candidates.columns.members, rule)


def limits_of(
    inputs: PracticeInputs, gps: Int32, members: Int16, rules: Iterable[Rule]
) -> tuple[Limit, ...]:
    """Return how many of some candidates the needed roles can serve, in all and by site."""
    staff, kept = inputs.clinicians, tuple(rules)
    one_site = any(rule.id == "one_site" for rule in kept)
    found: list[Limit] = []
    for rule in kept:
        if rule.id != "role":
            continue
        homes = [
            home for home, role in zip(staff.site, staff.role, strict=True) if role == rule.about
        ]
        found.append(Limit(most=float(len(homes) // int(rule.value))))
        for site in sorted({staff.site[gp] or "" for gp in gps} - {""} if one_site else ()):
            here = sum(home in (site, None) for home in homes)
            at_site = np.array([staff.site[gp] == site for gp in gps] + [False])
            among: Bools = np.any(at_site[members], axis=1, keepdims=True)[:, 0]
            found.append(Limit(most=float(here // int(rule.value)), among=among))
    return tuple(found)


def sizes_within(rules: Iterable[Rule], model: TeamModel, gps: int) -> tuple[int, int]:
    """Return the fewest and most GPs of a candidate under these rules."""
    ids = {rule.id: rule for rule in rules}
    least = int(ids["size_least"].value) if "size_least" in ids else 1
    most = int(ids["size_most"].value) if "size_most" in ids else model.gp_bounds[1] + 2
    return least, min(most, gps)


def _covered(model: TeamModel) -> Iterator[str]:
    for day in WEEKDAYS:
        if day in model.cover_except:
            continue
        if model.cover == "weekday":
            yield day
        else:
            halves = (f"{day} {half}" for half in _HALVES)
            yield from (half for half in halves if half not in model.cover_except)


def _by_size(items: int, most: int, apart: Bools) -> Iterator[Int16]:
    """Yield all sets of 1, 2, ... items without a pair that must be apart."""
    found = np.arange(items, dtype=np.int16)[:, None]
    for size in range(1, most + 1):
        if size > 1:
            later = items - 1 - found[:, -1].astype(np.int64)
            if int(later.sum()) > MOST_CANDIDATES:
                raise UsageError(
                    f"There are too many possible teams of {size} among {items} GPs to try all.",
                    where="team_gps",
                    hint="Let teams have fewer GPs at most, or split the practice by site.",
                )
            rows = np.repeat(np.arange(len(found)), later)
            first = np.repeat(np.cumsum(later) - later, later)
            added = found[rows, -1] + 1 + (np.arange(len(rows)) - first)
            allowed = np.ones(len(rows), dtype=np.bool_)
            if apart.any():
                for column in range(size - 1):
                    allowed &= ~apart[found[rows, column], added]
            found = np.column_stack([found[rows], added.astype(np.int16)])[allowed]
        yield found


class _Checks:
    """The rules as filters on sets of GPs of one practice."""

    def __init__(self, inputs: PracticeInputs, model: TeamModel, gps: Int32) -> None:
        self.staff = inputs.clinicians
        self.model = model
        self.gps = gps

    def apart(self, rules: Iterable[Rule]) -> Bools:
        """Return which pairs of GPs cannot be in one team."""
        size = len(self.gps)
        apart = np.zeros((size, size), dtype=np.bool_)
        for rule in rules:
            if rule.id == "cannot_link":
                for one, other in itertools.permutations(self.positions(rule.about), 2):
                    apart[one, other] = True
            elif rule.id == "one_site":
                sites = [self.staff.site[gp] for gp in self.gps]
                for (one, here), (other, there) in itertools.permutations(enumerate(sites), 2):
                    apart[one, other] |= None not in (here, there) and here != there
        return apart

    def positions(self, about: str) -> list[int]:
        """Return the positions among the GPs of those staff ids that are GPs."""
        names = about.split(", ")
        return [n for n, gp in enumerate(self.gps) if self.staff.staff_id[gp] in names]

    def filtered(self, found: Int16, rules: Iterable[Rule]) -> Int16:
        """Return the sets that keep every rule."""
        for rule in rules:
            if not len(found):
                break
            kept = self.holds(found, rule)
            if kept is not None:
                found = found[kept]
        return found

    def holds(self, found: Int16, rule: Rule) -> Bools | None:
        """Return which sets keep a rule; None where sets are made so that all do."""
        staff, gps = self.staff, self.gps
        match rule.id:
            case "cover":
                present = covered_times(staff, gps, rule.about)
                kept = np.ones(len(found), dtype=np.bool_)
                for time in present.T:
                    kept &= _count(time, found) >= rule.value
                return kept
            case "list_holder":
                return _count(staff.eligible[gps], found) >= 1
            case "bookable":
                return _total(staff.capacity_minutes[gps], found) > 0
            case "lead":
                return _count(may_lead(staff, self.model)[gps], found) >= 1
            case "must_link":
                inside = _count(self.among(rule.about), found)
                return (inside == 0) | (inside == self.among(rule.about).sum())
            case "language":
                speaks = np.array([rule.about in staff.languages[gp] for gp in gps])
                return _count(speaks, found) >= rule.value
            case "skill":
                able = np.array([rule.about in staff.skills[gp] for gp in gps])
                return _count(able, found) >= rule.value
            case "sessions_least":
                return _total(staff.sessions_per_week[gps], found) >= rule.value - 1e-9
            case "sessions_most":
                return _total(staff.sessions_per_week[gps], found) <= rule.value + 1e-9
            case _:
                return None

    def among(self, about: str) -> Bools:
        """Return which GPs a rule names."""
        mask = np.zeros(len(self.gps), dtype=np.bool_)
        mask[self.positions(about)] = True
        return mask

    def keeps(self, members: Int16, rule: Rule) -> Bools:
        """Return which rows of members, of any sizes filled up with -1, keep a rule."""
        kept = np.ones(len(members), dtype=np.bool_)
        sizes = (members >= 0).sum(axis=1)
        for size in range(1, members.shape[1] + 1):
            rows = np.flatnonzero(sizes == size)
            some = members[rows][:, :size]
            if rule.id in ("size_least", "size_most"):
                kept[rows] = size >= rule.value if rule.id == "size_least" else size <= rule.value
            elif rule.id in ("cannot_link", "one_site"):
                apart = self.apart([rule])
                for one, other in itertools.combinations(range(size), 2):
                    kept[rows] &= ~apart[some[:, one], some[:, other]]
            else:
                held = self.holds(some, rule)
                if held is not None:
                    kept[rows] = held
        return kept


def may_lead(staff: Clinicians, model: TeamModel) -> Bools:
    """Return which clinicians may lead a team."""
    if model.leads is not None:
        return staff.gp & np.isin(staff.staff_id, model.leads)
    return staff.gp & np.isin(staff.role, ("gp_partner", "gp_salaried"))


def covered_times(staff: Clinicians, gps: Int32, about: str) -> Bools:
    """Return GPs x times of the fortnight: a list-eligible GP is at work on "Monday [morning]"."""
    day, *half = about.split(" ")
    first = 2 * WEEKDAYS.index(day)
    works = staff.half_days[gps] & staff.eligible[gps][:, None]
    if half:
        place = first + _HALVES.index(half[0])
        return works[:, [place, place + 10]]
    return np.column_stack(
        [works[:, week + first] | works[:, week + first + 1] for week in (0, 10)]
    )


def _count(mask: Bools, found: Int16) -> npt.NDArray[np.int8]:
    total = np.zeros(len(found), dtype=np.int8)
    for column in range(found.shape[1]):
        total += mask[found[:, column]]
    return total


def _total(numbers: Float64, found: Int16) -> Float64:
    total = np.zeros(len(found))
    for column in range(found.shape[1]):
        total += numbers[found[:, column]]
    return total


def count_sets(items: int, most: int) -> int:
    """Return how many sets of up to ``most`` items there are."""
    return sum(comb(items, size) for size in range(1, most + 1))
